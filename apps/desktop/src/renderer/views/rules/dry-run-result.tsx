import type { RuleDryRun, Severity } from '@sentinellog/shared';
import { Notice } from '../../components/notice.tsx';
import { useView } from '../../stores/use-console.ts';
import { dayOf, momentOf } from '../../words/clock.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

const MAX_GROUPS = 6;
const DAY_MS = 86_400_000;

interface DryRunResultProps {
  readonly result: RuleDryRun;
  readonly severity: Severity;
}

/** When it would have fired, over the days, and for whom most. */
export function DryRunResult({ result, severity }: DryRunResultProps) {
  const clock = useView((view) => view.preferences.clock);
  const { from_ms: fromMs, to_ms: toMs, fired, blind_to: blindTo } = result;
  const days = Math.round((toMs - fromMs) / DAY_MS);
  const groups = [...Map.groupBy(fired, ({ group }) => group)].toSorted(([, a], [, b]) => b.length - a.length);
  const place = (ms: number) => `${((ms - fromMs) / (toMs - fromMs)) * 100}%`;
  return (
    <section aria-label="Dry run" className="flex flex-col gap-2 rounded-md border border-line-1 bg-bg-2 p-3">
      <p className="text-sm font-semibold" role="status">
        {fired.length === 0
          ? `Would not have fired in the last ${plural(days, 'day')}.`
          : `Would have fired ${plural(fired.length, 'time')} in the last ${plural(days, 'day')}, each a ${severity}.`}
      </p>
      <div className="relative h-9" role="img" aria-label={`${fired.length} firings over ${days} days`}>
        <div className="absolute inset-x-0 top-3 h-1 rounded-full bg-bg-0" />
        {fired.map(({ at_ms, group }, i) => (
          <i
            className="absolute top-1 h-5 w-[3px] -translate-x-1/2 rounded-sm bg-chart-threshold"
            key={i}
            style={{ left: place(at_ms) }}
            title={`${momentOf(at_ms, clock, toMs)} ${visibleText(group)}`}
          />
        ))}
        <span className="absolute bottom-0 left-0 text-2xs text-text-3">{dayOf(fromMs, clock)}</span>
        <span className="absolute right-0 bottom-0 text-2xs text-text-3">now</span>
      </div>
      {groups.length > 0 && (
        <ul className="flex flex-wrap gap-x-4 text-xs text-text-2">
          {groups.slice(0, MAX_GROUPS).map(([group, times]) => (
            <li key={group}>
              {visibleText(group)} {times.length}×
            </li>
          ))}
          {groups.length > MAX_GROUPS && <li>and {plural(groups.length - MAX_GROUPS, 'other')}</li>}
        </ul>
      )}
      {blindTo.length > 0 && (
        <Notice tone="quiet">
          History cannot tell: {blindTo.map(visibleText).join('; ')}. The true number may differ.
        </Notice>
      )}
    </section>
  );
}
