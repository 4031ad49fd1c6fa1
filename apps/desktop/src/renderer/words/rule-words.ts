import type { Hook, HookRun, Rule, RuleBody, Silence, SilenceScope } from '@sentinellog/shared';
import { duration } from './duration.ts';
import { exactly, percent } from './quantity.ts';
import { visibleText } from './visible-text.ts';

/** What has to happen for a rule to fire, in one line. */
export function conditionWords({ condition, window_seconds: seconds }: Pick<RuleBody, 'condition' | 'window_seconds'>) {
  const within = `in ${duration(seconds * 1000)}`;
  switch (condition.kind) {
    case 'count':
      return `more than ${exactly(condition.above)} ${within}`;
    case 'absence':
      return `nothing for ${duration(seconds * 1000)}`;
    case 'ratio':
      return `more than ${percent(condition.above)} ${within}`;
    case 'latency':
      return `p${exactly(condition.quantile * 100)} above ${exactly(condition.above_ms)} ms ${within}`;
    case 'distinct':
      return `more than ${exactly(condition.above)} different ${visibleText(condition.field)} ${within}`;
    default:
      return condition satisfies never;
  }
}

/** What a rule looks at, in one line. */
export function scopeWords({ scope }: Pick<Rule, 'scope'>): string {
  const parts = [
    scope.levels.join(' or '),
    scope.text === undefined ? '' : `“${visibleText(scope.text)}”`,
    ...scope.fields.map(({ field, equals }) => `${visibleText(field)} = ${visibleText(equals)}`),
    scope.services.length === 0 ? '' : `of ${scope.services.map(visibleText).join(', ')}`,
    scope.tags.length === 0 ? '' : `tagged ${scope.tags.map(visibleText).join(', ')}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'every line' : parts.join(' ');
}

export function silenceScopeWords(scope: SilenceScope): string {
  switch (scope.kind) {
    case 'incident':
      return 'one incident';
    case 'template':
      return scope.service === null ? 'one pattern' : `one pattern of ${visibleText(scope.service)}`;
    case 'source':
      return `source ${visibleText(scope.source_id)}`;
    case 'service':
      return visibleText(scope.service);
    default:
      return scope satisfies never;
  }
}

export const SILENCE_END_WORDS: Readonly<Record<NonNullable<Silence['ended_because']>, string>> = {
  expired: 'ran out',
  removed: 'was ended by hand',
  worse_severity: 'ended: it got more severe',
  worse_volume: 'ended: the volume doubled',
  new_template: 'ended: a new pattern came',
};

export const EFFECT_WORDS: Readonly<Record<Hook['effect'], string>> = {
  retry: 'retries work',
  scale: 'changes the size',
  restart: 'restarts',
  notify: 'tells somebody',
};

export const RUN_WORDS: Readonly<Record<HookRun['state'], string>> = {
  queued: 'Queued',
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
};
