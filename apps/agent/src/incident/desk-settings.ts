/** How the desk runs incidents. All times in milliseconds. */
export interface DeskSettings {
  /** All series must have been inside for so long before an incident resolves by itself. */
  readonly quietMs: number;
  /** A series that fires again so soon after its incident was resolved re-opens it (requirement S2-10: 30 min). */
  readonly cooldownMs: number;
  /** An acknowledgement that nobody follows up runs out after this. */
  readonly ackTimeoutMs: number;
}

/** Alerts of one incident; what is related beyond that opens another one, so that no message grows without end. */
export const MAX_ALERTS = 200;
/** Incidents that are not resolved; in a storm beyond that, what fires joins the newest one. */
export const MAX_UNRESOLVED = 1000;
/** Resolved ones stay in memory for the console's snapshot and the cooldown. */
export const KEEP_RESOLVED_MS = 24 * 3_600_000;
export const MAX_RESOLVED = 500;
/** Anomalies named by an alert (packages/shared/src/alert.ts). */
export const MAX_EVENT_IDS = 20;
export const MAX_TRACE_IDS = 100;
/** After so many returns an incident flaps: its comings and goings are no news any more, and it must be quiet for longer. */
export const FLAPS_TOLD = 3;
/** An undo brings back exactly what was before for as long as the console's journal offers it (ux.md §2.6). */
export const UNDO_MS = 10 * 60_000;
