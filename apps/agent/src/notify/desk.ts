/** What notify needs of the desk of incidents and of the book of people, so that a click means something. */
import type { Actor, IncidentAction } from '@sentinellog/shared';

export type DeskAnswer =
  | { readonly type: 'done' }
  /** Somebody was faster, it still fires, it is gone …: a sentence for the person. */
  | { readonly type: 'refused'; readonly detail: string };

/** Does what the console's buttons do; never rejects for a reason that a person can act on. */
export interface DeskActions {
  act(incidentId: string, action: IncidentAction, actor: Actor): Promise<DeskAnswer>;
}

/** Who is behind an account of another service; null: nobody here, or nobody who may act on incidents. */
export interface PersonBook {
  nameOf(surface: 'slack' | 'pagerduty', userId: string): Promise<string | null>;
}
