import type { ReactNode } from 'react';
import { EmptyWords } from '../../components/empty-words.tsx';
import { SeverityShape } from '../../components/severity-badge.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { placeKey, type RulesTab } from '../../stores/policy-desk.ts';
import { useConsole } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk } from '../../stores/use-policy-desk.ts';
import { plural } from '../../words/quantity.ts';
import { conditionWords } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CavePanel } from './cave-panel.tsx';

const EVERY_MS = 30_000;

interface RulesPanelProps {
  readonly behind: boolean;
  readonly swap: ReactNode;
}

/** Which rules watch, and which are off. */
export function RulesPanel({ behind, swap }: RulesPanelProps) {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useAnswers(desk.rules, EVERY_MS);
  const rows = answers.flatMap(({ agentId, agent, value }) =>
    (value ?? []).map((rule) => ({ agentId, rule, code: agent.saved.code })),
  );
  const failed = answers.filter(({ error }) => error !== null);
  const off = rows.filter(({ rule }) => !rule.enabled).length;
  const asked = answers.some(({ value, error }) => value !== null || error !== null);
  const fact = [
    ...(rows.length > 0 ? [`${rows.length - off} on · ${off} off`] : []),
    ...failed.map(({ agent }) => `${agent.saved.code} did not answer`),
  ].join(' · ');
  return (
    <CavePanel
      behind={behind}
      fact={fact}
      place="rules"
      swap={swap}
      title="Rules & policies"
      onOpen={() => console.go('rules')}
    >
      {!asked ? (
        <SkeletonRows count={5} label="Asking for the rules …" />
      ) : rows.length === 0 ? (
        <EmptyWords title={failed.length > 0 ? 'The rules are not known' : 'No rules yet'}>
          {failed.length > 0 ? visibleText(failed[0]?.error?.detail ?? '') : 'Import a set or create one.'}
        </EmptyWords>
      ) : (
        <ul aria-label="Rules" className="min-h-0 flex-1 overflow-y-auto" tabIndex={0}>
          {rows.map(({ agentId, rule, code }) => (
            <li key={placeKey(agentId, rule.rule_id)}>
              <button
                className="flex h-[29px] w-full min-w-0 items-center gap-2.5 border-b border-line-1/60 px-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2"
                type="button"
                onClick={() => {
                  desk.places.setState({ rule: placeKey(agentId, rule.rule_id) });
                  console.go('rules');
                }}
              >
                <span className={`w-6 shrink-0 text-xs ${rule.enabled ? 'text-ok' : 'text-text-3'}`}>
                  {rule.enabled ? 'on' : 'off'}
                </span>
                <span className={`shrink-0 ${rule.enabled ? 'text-text-2' : 'text-text-dis'}`}>
                  <SeverityShape severity={rule.severity} size={10} />
                </span>
                <span className="w-6 shrink-0 text-2xs text-text-3">{rule.severity}</span>
                <span className="min-w-0 flex-1 truncate text-sm">{visibleText(rule.name)}</span>
                <span className="min-w-0 shrink truncate text-xs text-text-3">{conditionWords(rule)}</span>
                {answers.length > 1 && <span className="shrink-0 text-2xs text-text-3">{code}</span>}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Quiet />
    </CavePanel>
  );
}

/** What is kept from people at this moment, and where that is told in full. */
function Quiet() {
  const console = useConsole();
  const desk = usePolicyDesk();
  const silences = useAnswers(desk.silences, EVERY_MS).flatMap(({ value }) => value ?? []);
  const windows = useAnswers(desk.windows, EVERY_MS).flatMap(({ value }) => value ?? []);
  const nowMs = console.now();
  const silenced = silences.filter(
    ({ ended_at_ms, ends_at_ms }) => ended_at_ms === null && (ends_at_ms ?? nowMs + 1) > nowMs,
  );
  const inForce = windows.filter(({ next }) =>
    next.some(({ starts_at_ms, ends_at_ms }) => starts_at_ms <= nowMs && nowMs < ends_at_ms),
  );
  const open = (tab: RulesTab) => {
    desk.places.setState({ tab });
    console.go('rules');
  };
  return (
    <p className="mt-auto flex shrink-0 gap-4 border-t border-line-1 px-2.5 py-1.5 text-xs text-text-3">
      <button className="min-h-6 hover:text-text-1" type="button" onClick={() => open('silences')}>
        {plural(silenced.length, 'silence')} in force
      </button>
      <button className="min-h-6 hover:text-text-1" type="button" onClick={() => open('windows')}>
        {plural(inForce.length, 'maintenance window')} now
      </button>
    </p>
  );
}
