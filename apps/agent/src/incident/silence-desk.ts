import type { Actor, Incident, IncidentAction } from '@sentinellog/shared';
import { RequestError } from '@sentinellog/shared';
import { derivedId } from './desk-step.ts';

export interface Cover {
  readonly silenceId: string;
  /** null: until it gets worse. */
  readonly untilMs: number | null;
}

export interface SilenceRequest {
  readonly incident: Incident;
  readonly action: Extract<IncidentAction, { action: 'silence' }>;
  readonly actor: Actor;
  readonly nowMs: number;
}

/** What the desk asks of those who keep silences. */
export interface SilenceDesk {
  /** The silence that covers the incident now; null: none (any more), for instance because it got worse. */
  covers(incident: Incident, nowMs: number): Cover | null;
  /** Makes one. RequestError('invalid_request') where the scope cannot be had. */
  silence(request: SilenceRequest): Promise<Cover>;
  /** Ends one before its time; harmless when it is over already. */
  lift(silenceId: string, actor: Actor, nowMs: number): Promise<void>;
}

/** Silences of single incidents, kept with the incident itself: what the desk does where nobody keeps a book of silences. */
export const incidentSilences: SilenceDesk = {
  covers: ({ silence_id, silenced_until_ms }) =>
    silence_id === null ? null : { silenceId: silence_id, untilMs: silenced_until_ms },
  silence: async ({ incident, action, nowMs }) => {
    if (action.scope !== 'incident')
      throw new RequestError('invalid_request', 'only single incidents can be silenced here: scope must be incident');
    const silenceId = derivedId(nowMs, 'silence', incident.incident_id, String(incident.version));
    return { silenceId, untilMs: action.untilMs ?? null };
  },
  lift: async () => undefined,
};
