/** Whether a series that has just gone outside belongs to an incident, and why. Pure; times are arguments. */

/** When a series went outside: somewhere in [from_ms, to_ms). */
export interface Onset {
  readonly event_id: string;
  readonly source_id: string;
  readonly service: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly reason: string;
  /** Other services that its sample lines name. */
  readonly names?: readonly string[] | undefined;
}

export interface Newcomer {
  readonly tenant: string;
  readonly onset: Onset;
  readonly traceIds: readonly string[];
}

export interface Suspect {
  readonly incidentId: string;
  readonly tenant: string;
  readonly startedAtMs: number;
  readonly lastActiveMs: number;
  readonly services: readonly string[];
  readonly onsets: readonly Onset[];
  readonly traceIds: readonly string[];
}

/** What ties a newcomer to an incident, the firmest first. */
const BONDS = ['service', 'trace', 'dependency', 'time'] as const;
export type Bond = (typeof BONDS)[number];

export interface Relation {
  readonly incidentId: string;
  readonly bond: Bond;
  readonly because: string;
}

/** Requirement S2-07. */
export const WINDOW_MS = 10 * 60_000;
/**
 * Series that go outside within so short a time of each other have one cause even where nothing else ties them: at twenty
 * incidents a week, two independent ones fall within 30 s of each other once in a hundred weeks or so.
 */
export const TOGETHER_MS = 30_000;
/** Of a longer window nobody can say when in it things began; it is no evidence of two things beginning together. */
const SHARP_WINDOW_MS = 60_000;

/** Does one service call the other, either way? */
export type AreNeighbours = (tenant: string, one: string, other: string) => boolean;

export function relationTo(newcomer: Newcomer, suspect: Suspect, areNeighbours: AreNeighbours): Relation | null {
  const { onset, tenant } = newcomer;
  if (tenant !== suspect.tenant || !isNear(onset, suspect)) return null;
  const { incidentId } = suspect;
  if (suspect.services.includes(onset.service))
    return { incidentId, bond: 'service', because: `${onset.service} is part of it already` };
  const trace = newcomer.traceIds.find((id) => suspect.traceIds.includes(id));
  if (trace !== undefined)
    return { incidentId, bond: 'trace', because: `its lines share the trace ${trace.slice(0, 64)}` };
  const neighbour = suspect.services.find((service) => areNeighbours(tenant, service, onset.service));
  if (neighbour !== undefined)
    return { incidentId, bond: 'dependency', because: `${onset.service} and ${neighbour} call each other` };
  const together = suspect.onsets.find((other) => beganTogether(other, onset));
  if (together !== undefined)
    return { incidentId, bond: 'time', because: `it began within ${TOGETHER_MS / 1000} s of ${together.service}` };
  return null;
}

/** The firmest bond first; among equals the incident whose activity is nearest in time. */
export function relationsTo(
  newcomer: Newcomer,
  suspects: readonly Suspect[],
  areNeighbours: AreNeighbours,
): Relation[] {
  const near = new Map(
    suspects.map((suspect) => [suspect.incidentId, Math.abs(newcomer.onset.from_ms - suspect.lastActiveMs)]),
  );
  return suspects
    .map((suspect) => relationTo(newcomer, suspect, areNeighbours))
    .filter((relation) => relation !== null)
    .toSorted(
      (a, b) =>
        BONDS.indexOf(a.bond) - BONDS.indexOf(b.bond) || (near.get(a.incidentId) ?? 0) - (near.get(b.incidentId) ?? 0),
    );
}

function isNear({ from_ms, to_ms }: Onset, { startedAtMs, lastActiveMs }: Suspect): boolean {
  return to_ms >= startedAtMs - WINDOW_MS && from_ms <= lastActiveMs + WINDOW_MS;
}

function beganTogether(one: Onset, other: Onset): boolean {
  if (Math.max(one.to_ms - one.from_ms, other.to_ms - other.from_ms) > SHARP_WINDOW_MS) return false;
  const gap = Math.max(one.from_ms, other.from_ms) - Math.min(one.to_ms, other.to_ms);
  return gap <= TOGETHER_MS;
}
