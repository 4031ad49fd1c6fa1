/** Which series went first: where to look first. By onset, never by when it was noticed. Pure. */
import type { Incident } from '@sentinellog/shared';
import type { Onset } from './relation.ts';

/** Does `from` call `to`? */
export type Calls = (from: string, to: string) => boolean;

/**
 * An onset lies somewhere in its first window. Where windows do not overlap the earlier one is first; where they do, time
 * cannot tell, and a service that others wait for goes before those that call it: a caller fails because of its callee far
 * more often than the other way round.
 * @param onsets at least one
 */
export function firstMover(onsets: readonly Onset[], calls: Calls): Incident['first_mover'] {
  const byService = [...Map.groupBy(onsets, ({ service }) => service).values()].map(sharpest);
  const ordered = byService.toSorted((a, b) => a.from_ms - b.from_ms || a.to_ms - b.to_ms);
  const [earliest] = ordered;
  if (earliest === undefined) throw new Error('a first mover needs at least one onset');
  // Whoever may have been first: nobody else's window was over before theirs began.
  const soonestEnd = Math.min(...ordered.map(({ to_ms }) => to_ms));
  const candidates = ordered.filter(({ from_ms }) => from_ms < soonestEnd);
  const root = candidates.find(
    (one) =>
      candidates.some((other) => other !== one && reaches(other.service, one.service, candidates, calls)) &&
      !candidates.some((other) => other !== one && reaches(one.service, other.service, candidates, calls)),
  );
  const first = root ?? earliest;
  return {
    source_id: first.source_id,
    service: first.service,
    event_id: first.event_id,
    at_ms: first.from_ms,
    reason: reasonFor(first, ordered, root !== undefined && root !== earliest, calls),
  };
}

/** The earliest onset of a service; of two that overlap the one that is known to the second. */
function sharpest(onsets: readonly Onset[]): Onset {
  return onsets.reduce((best, one) => {
    const overlaps = one.from_ms < best.to_ms && best.from_ms < one.to_ms;
    if (!overlaps) return one.from_ms < best.from_ms ? one : best;
    return one.to_ms - one.from_ms < best.to_ms - best.from_ms ? one : best;
  });
}

/** Along the calls among the candidates: gateway → order → payment. */
function reaches(from: string, to: string, among: readonly Onset[], calls: Calls, seen = new Set([from])): boolean {
  if (calls(from, to)) return true;
  return among.some(({ service }) => {
    if (seen.has(service) || !calls(from, service)) return false;
    seen.add(service);
    return reaches(service, to, among, calls, seen);
  });
}

function reasonFor(first: Onset, ordered: readonly Onset[], byDependency: boolean, calls: Calls): string {
  const next = ordered.find((one) => one !== first);
  if (next === undefined) return 'the only service that is outside';
  const caller = ordered.find((one) => one !== first && calls(one.service, first.service));
  const waits = caller === undefined ? '' : `, and ${caller.service} calls it`;
  const lead = (next.from_ms - first.from_ms) / 1000;
  if (!byDependency && lead > 0) return `went outside ${seconds(lead)} before ${next.service}${waits}`;
  return caller === undefined
    ? `went outside together with ${next.service}`
    : `went outside in the same seconds as ${caller.service}, which calls it`;
}

function seconds(value: number): string {
  return value < 90 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
}
