import type { Incident } from '@sentinellog/shared';
import type { Onset } from './incident-record.ts';

/** An incident as correlation looks at it. Times are milliseconds of event time. */
export interface Suspect {
  readonly incidentId: string;
  readonly tenant: string;
  readonly startedAtMs: number;
  readonly lastActiveMs: number;
  readonly services: readonly string[];
  readonly onsets: readonly Onset[];
  readonly traceIds: readonly string[];
}

/** A series that has just gone outside. */
export interface Newcomer {
  readonly tenant: string;
  readonly onset: Onset;
  readonly traceIds: readonly string[];
}

export type Bond = 'service' | 'trace' | 'dependency' | 'time';

/** What the desk asks of correlation. */
export interface Correlation {
  /** The suspects that the newcomer belongs to, the firmest bond first; words are for the timeline. */
  related(
    newcomer: Newcomer,
    suspects: readonly Suspect[],
  ): readonly { readonly incidentId: string; readonly bond: Bond; readonly because: string }[];
  /** Which series went first, and why that one. At least one onset. */
  firstMover(tenant: string, onsets: readonly Onset[]): Incident['first_mover'];
  /** Services of the tenant that these lines speak of. */
  named(tenant: string, lines: readonly string[]): readonly string[];
}
