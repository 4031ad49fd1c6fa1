import type { SecondDetails } from '@sentinellog/detector';
import type { ClosedDetails } from './tally/tally.ts';

/** What the tally knows of a second beside its counts, as detectors take it. */
export function secondDetailsOf({ templates, details }: ClosedDetails): SecondDetails {
  const fresh = new Set(templates?.fresh);
  return {
    latency: [...(details?.latency ?? [])].toSorted(([a], [b]) => a - b),
    templates: Array.from(templates?.counts ?? [], ([record, events]) => ({
      id: record.id,
      events,
      errors: templates?.errors.get(record) ?? 0,
      isFresh: fresh.has(record),
    })),
  };
}
