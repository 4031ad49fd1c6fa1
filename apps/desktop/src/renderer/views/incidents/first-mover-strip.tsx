import type { Incident } from '@sentinellog/shared';
import { duration } from '../../words/duration.ts';
import { visibleText } from '../../words/visible-text.ts';

interface Onset {
  readonly service: string;
  readonly atMs: number;
}

/** When each service left its band, the first mover first: `payment-service led order-service by 21 s`. */
export function onsetsOf(incident: Pick<Incident, 'alerts' | 'first_mover'>): readonly Onset[] {
  const { service: lead, at_ms: leadMs, followed_by } = incident.first_mover;
  const first = { service: lead, atMs: leadMs };
  if (followed_by !== undefined) return [first, ...followed_by.map(({ service, at_ms }) => ({ service, atMs: at_ms }))];
  // An agent from before onsets were told: when an alert was opened is the next best.
  const noticed = new Map<string, number>();
  for (const { service, opened_at_ms } of incident.alerts)
    if (service !== lead)
      noticed.set(service, Math.max(leadMs, Math.min(noticed.get(service) ?? opened_at_ms, opened_at_ms)));
  return [first, ...[...noticed].map(([service, atMs]) => ({ service, atMs })).toSorted((a, b) => a.atMs - b.atMs)];
}

/** Who led and who followed, as a strip: the distance between two marks is the time between them. */
export function FirstMoverStrip({ incident }: { readonly incident: Incident }) {
  const onsets = onsetsOf(incident);
  const [lead, next] = onsets;
  const last = onsets.at(-1);
  if (lead === undefined || next === undefined || last === undefined) return null;
  const span = Math.max(1, last.atMs - lead.atMs);
  return (
    <div className="mt-2 rounded-md bg-bg-2 p-3">
      <p className="mb-2 text-xs text-text-2">
        {visibleText(lead.service)} led {visibleText(next.service)} by {duration(next.atMs - lead.atMs)}
      </p>
      <ol className="flex flex-col gap-1.5">
        {onsets.map(({ service, atMs }, i) => (
          <li className="grid grid-cols-[140px_minmax(0,1fr)_76px] items-center gap-3 text-xs" key={service}>
            <span className={`truncate ${i === 0 ? 'font-semibold text-text-1' : 'text-text-2'}`}>
              {visibleText(service)}
            </span>
            <span aria-hidden="true" className="relative h-2 rounded-sm bg-bg-0">
              <span
                className={`absolute inset-y-0 right-0 rounded-sm ${i === 0 ? 'bg-accent' : 'bg-chart-mean'}`}
                style={{ left: `${(90 * (atMs - lead.atMs)) / span}%` }}
              />
            </span>
            <span className="text-right whitespace-nowrap text-text-3">
              {i === 0 ? 'first' : `+${duration(atMs - lead.atMs)}`}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
