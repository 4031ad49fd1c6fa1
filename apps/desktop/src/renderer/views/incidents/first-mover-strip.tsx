import type { Incident } from '@sentinellog/shared';
import { duration } from '../../words/duration.ts';
import { visibleText } from '../../words/visible-text.ts';

interface Noticed {
  readonly service: string;
  /** After the one that went first has left its band. */
  readonly afterMs: number;
}

/**
 * When each service was noticed, behind the one that the agent holds for the first: who went first is decided there, by
 * the calls among them too, and an alert that opened a moment earlier does not make another one the first.
 */
export function noticedOf({ alerts, first_mover }: Pick<Incident, 'alerts' | 'first_mover'>): readonly Noticed[] {
  const earliest = new Map<string, number>();
  for (const { service, opened_at_ms } of alerts) {
    earliest.set(service, Math.min(earliest.get(service) ?? Number.POSITIVE_INFINITY, opened_at_ms));
  }
  earliest.delete(first_mover.service);
  return [
    { service: first_mover.service, afterMs: 0 },
    ...[...earliest]
      .map(([service, atMs]) => ({ service, afterMs: Math.max(0, atMs - first_mover.at_ms) }))
      .toSorted((a, b) => a.afterMs - b.afterMs),
  ];
}

/** Who led and who followed, as a strip: the distance between two marks is the time between them. */
export function FirstMoverStrip({ incident }: { readonly incident: Incident }) {
  const noticed = noticedOf(incident);
  const [lead, next] = noticed;
  const last = noticed.at(-1);
  if (lead === undefined || next === undefined || last === undefined) return null;
  const span = Math.max(1, last.afterMs);
  return (
    <div className="mt-2 rounded-md bg-bg-2 p-3">
      <p className="mb-2 text-xs text-text-2">
        {visibleText(lead.service)} went first; {visibleText(next.service)} was noticed {duration(next.afterMs)} later
      </p>
      <ol className="flex flex-col gap-1.5">
        {noticed.map(({ service, afterMs }, i) => (
          <li className="grid grid-cols-[140px_minmax(0,1fr)_76px] items-center gap-3 text-xs" key={service}>
            <span className={`truncate ${i === 0 ? 'font-semibold text-text-1' : 'text-text-2'}`}>
              {visibleText(service)}
            </span>
            <span aria-hidden="true" className="relative h-2 rounded-sm bg-bg-0">
              <span
                className={`absolute inset-y-0 right-0 rounded-sm ${i === 0 ? 'bg-accent' : 'bg-chart-mean'}`}
                style={{ left: `${(90 * afterMs) / span}%` }}
              />
            </span>
            <span className="text-right whitespace-nowrap text-text-3">
              {i === 0 ? 'first' : `+${duration(afterMs)}`}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
