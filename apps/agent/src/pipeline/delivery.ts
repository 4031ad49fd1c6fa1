/** What passes between the desk of incidents (decides what happened), routing (who hears of it) and notify (tells them). */
import type { Analysis, Incident, SampleLine } from '@sentinellog/shared';

export const TRANSITIONS = [
  'opened',
  'updated',
  'acknowledged',
  'unacknowledged',
  'resolved',
  'reopened',
  'escalated',
] as const;
export type Transition = (typeof TRANSITIONS)[number];

/** One thing to say through one channel. Unique by (incidentId, channelId, transition, turn): a repeat inserts nothing. */
export interface Delivery {
  readonly incidentId: string;
  readonly channelId: string;
  readonly transition: Transition;
  /** The incident's version at the transition; deliveries of one incident through one channel keep this order. */
  readonly turn: number;
  /** Not before this (ms): a hold that undo can still cancel, business hours, a batch. */
  readonly notBeforeMs: number;
  /** Why this channel hears of it, in words: "P1 pages at all hours (default policy)". */
  readonly because: string;
  /** Collect with others of the channel into one message (mail batches, storms). */
  readonly batch: boolean;
}

/** Everything a channel needs to tell a person; made new from the store at each attempt, so that it is never old. */
export interface IncidentNotice {
  readonly incident: Incident;
  readonly transition: Transition;
  readonly because: string;
  /** "payment-service: 1,204 errors/min, normal 3 (41σ)". */
  readonly headline: string;
  readonly samples: readonly (SampleLine & { readonly service: string })[];
  readonly topClusters: readonly { readonly name: string; readonly share: number; readonly isNew: boolean }[];
  readonly runbook: { readonly id: string; readonly title: string } | null;
  readonly analysis: Analysis | null;
  /** Minutes around the start for a chart: t in Unix seconds, ascending; bands null where nothing is learnt. */
  readonly chart: {
    readonly t: readonly number[];
    readonly value: readonly (number | null)[];
    readonly lower: readonly (number | null)[];
    readonly upper: readonly (number | null)[];
    readonly label: string;
  } | null;
  /** Where the console shows it; only navigates. Null when no public address is set. */
  readonly consoleUrl: string | null;
  /** Short code of this agent's cluster: "EU". */
  readonly cluster: string;
}
