/** Which service went first: where to look first. By onset, never by when it was noticed. Pure. */
import type { Incident } from '@sentinellog/shared';
import type { Onset } from './relation.ts';

/** Does `from` call `to`? */
export type Calls = (from: string, to: string) => boolean;

/**
 * Onsets so close are in an order that chance may have made (clocks of machines, a caller's shorter time-out, few lines a
 * second): there, who waits for whom says more than who was seen first.
 */
const CLOSE_MS = 5000;

/**
 * An onset lies somewhere in its window. Whoever was outside for certain before anybody else leads; where others may have been
 * as early or are close behind, a service that is waited for goes before those that wait for it: a caller fails because of its
 * callee far more often than the other way round. One waits for another that it is known to call, or that its own lines name.
 * @param onsets at least one
 */
export function firstMover(onsets: readonly Onset[], calls: Calls): Incident['first_mover'] {
  const byService = [...Map.groupBy(onsets, ({ service }) => service).values()].map(onsetOfService);
  const ordered = byService.toSorted((a, b) => a.to_ms - b.to_ms || a.from_ms - b.from_ms);
  const [earliest] = ordered;
  if (earliest === undefined) throw new Error('a first mover needs at least one onset');
  const close = ordered.filter(({ from_ms }) => from_ms < earliest.to_ms + CLOSE_MS);
  const waits = waitsAmong(close, calls);
  const first = rootOf(earliest, close, waits) ?? earliest;
  return {
    source_id: first.source_id,
    service: first.service,
    event_id: first.event_id,
    at_ms: first.from_ms,
    reason: reasonFor(first, earliest, ordered, calls),
    followed_by: ordered
      .filter((one) => one !== first)
      .map(({ service, from_ms, to_ms }) => ({ service, at_ms: Math.max(first.from_ms, middle({ from_ms, to_ms })) }))
      .toSorted((a, b) => a.at_ms - b.at_ms),
  };
}

/** The earliest onset of a service; of those that may be one and the same the one that is known most closely. */
function onsetOfService(onsets: readonly Onset[]): Onset {
  const known = onsets.reduce((best, one) => {
    const areClose = one.from_ms < best.to_ms + CLOSE_MS && best.from_ms < one.to_ms + CLOSE_MS;
    if (!areClose) return one.from_ms < best.from_ms ? one : best;
    return one.to_ms - one.from_ms < best.to_ms - best.from_ms ? one : best;
  });
  return { ...known, names: [...new Set(onsets.flatMap(({ names = [] }) => names))] };
}

/** Whom each waits for, also through others: gateway → order → payment. */
type Waits = ReadonlyMap<Onset, ReadonlySet<Onset>>;

/** Two that are said to wait for each other say nothing about who was first. */
function waitsAmong(close: readonly Onset[], calls: Calls): Waits {
  const says = (one: Onset, other: Onset) =>
    one !== other && (calls(one.service, other.service) || (one.names ?? []).includes(other.service));
  const directly = new Map(
    close.map((one) => [one, close.filter((other) => says(one, other) && !says(other, one))] as const),
  );
  const reached = (from: Onset, found = new Set<Onset>()): Set<Onset> => {
    for (const next of directly.get(from) ?? [])
      if (!found.has(next)) {
        found.add(next);
        reached(next, found);
      }
    return found;
  };
  return new Map(close.map((one) => [one, reached(one)]));
}

/** Whoever waits for nobody and is waited for by one that may have been first, or is itself one of those. */
function rootOf(earliest: Onset, close: readonly Onset[], waits: Waits): Onset | undefined {
  const mayBeFirst = close.filter(({ from_ms }) => from_ms < earliest.to_ms);
  return close.find((one) => {
    if ((waits.get(one)?.size ?? 0) > 0) return false;
    const waiting = mayBeFirst.includes(one) ? close : mayBeFirst;
    return waiting.some((other) => waits.get(other)?.has(one) === true);
  });
}

function reasonFor(first: Onset, earliest: Onset, ordered: readonly Onset[], calls: Calls): string {
  const next = ordered.find((one) => one !== first);
  if (next === undefined) return 'the only service that is outside';
  const caller = ordered.find((one) => one !== first && calls(one.service, first.service));
  const blamer = ordered.find(({ names = [] }) => names.includes(first.service));
  const waiter = caller ?? blamer;
  const how = caller === undefined ? 'whose lines name it' : 'which calls it';
  const lead = (middle(next) - middle(first)) / 1000;
  if (first === earliest && lead >= 1) {
    const tail = waiter === undefined ? '' : `, and ${waiter.service} ${caller === undefined ? 'names' : 'calls'} it`;
    return `went outside ${seconds(lead)} before ${next.service}${tail}`;
  }
  return waiter === undefined
    ? `went outside together with ${next.service}`
    : `went outside in the same seconds as ${waiter.service}, ${how}`;
}

function middle({ from_ms, to_ms }: Pick<Onset, 'from_ms' | 'to_ms'>): number {
  return (from_ms + to_ms) / 2;
}

function seconds(value: number): string {
  return value < 90 ? `${Math.round(value)} s` : `${Math.round(value / 60)} min`;
}
