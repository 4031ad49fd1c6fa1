/** What the passing of time does to an incident. Pure. */
import type { Actor, Incident } from '@sentinellog/shared';
import { type DeskSettings, FLAPS_TOLD } from './desk-settings.ts';
import { type DeskStep, deskStep } from './desk-step.ts';
import type { IncidentRecord } from './incident-record.ts';
import { spanOf } from './incident-words.ts';

const AGENT: Actor = { kind: 'agent', name: 'agent', via: null };
/** One that comes and goes must be quiet for longer: twice as long with every return beyond the first few, at most this. */
const MAX_QUIET_MS = 30 * 60_000;

/** How long all series must be inside before the incident resolves by itself. */
export function quietTimeOf(flaps: number, { quietMs }: DeskSettings): number {
  const doublings = Math.min(10, Math.max(0, flaps - FLAPS_TOLD + 1));
  return Math.max(quietMs, Math.min(MAX_QUIET_MS, quietMs * 2 ** doublings));
}

/** The step that is due at `nowMs`; null when none is. Call again until it is null. */
export function clockStep(before: IncidentRecord, settings: DeskSettings, nowMs: number): DeskStep | null {
  const { incident, memory } = before;
  if (incident.state === 'RESOLVED') return null;
  if (incident.silenced_until_ms !== null && nowMs >= incident.silenced_until_ms) return silenceOver(before, nowMs);
  const quiet = quietTimeOf(memory.flaps, settings);
  if (incident.quiet_since_ms !== null && nowMs >= incident.quiet_since_ms + quiet) return recover(before, nowMs);
  if (incident.state === 'ACK' && incident.ack_expires_at_ms !== null && nowMs >= incident.ack_expires_at_ms)
    return expireAck(before, nowMs);
  return null;
}

function recover(before: IncidentRecord, nowMs: number): DeskStep {
  const { incident } = before;
  const quietFor = spanOf(nowMs - (incident.quiet_since_ms ?? nowMs));
  const next: Incident = {
    ...incident,
    state: 'RESOLVED',
    resolved_by: null,
    resolved_at_ms: nowMs,
    resolution: 'recovered',
    held: null,
    alerts: incident.alerts.map((alert) =>
      alert.state === 'RESOLVED'
        ? alert
        : {
            ...alert,
            state: 'RESOLVED' as const,
            resolved_at_ms: nowMs,
            resolution: 'recovered' as const,
            updated_at_ms: nowMs,
            version: alert.version + 1,
          },
    ),
  };
  return deskStep({
    before,
    incident: next,
    // Nobody's word: there is nothing to undo.
    memory: { before_resolve: null },
    actor: AGENT,
    nowMs,
    entries: [{ kind: 'resolved', text: `everything has been quiet for ${quietFor}` }],
    relays: [{ type: 'tell', transition: 'resolved', holdMs: 0 }],
    audit: 'incident.resolve',
    decides: true,
  });
}

function expireAck(before: IncidentRecord, nowMs: number): DeskStep {
  const { incident } = before;
  const after = spanOf(nowMs - (incident.acked_at_ms ?? nowMs));
  return deskStep({
    before,
    incident: {
      ...incident,
      state: 'OPEN',
      acked_by: null,
      acked_at_ms: null,
      ack_expires_at_ms: null,
      held: null,
      alerts: incident.alerts.map((alert) =>
        alert.state === 'ACK' ? { ...alert, state: 'OPEN', updated_at_ms: nowMs, version: alert.version + 1 } : alert,
      ),
    },
    memory: { before_ack: null },
    actor: AGENT,
    nowMs,
    entries: [
      {
        kind: 'ack_expired',
        text: `${incident.acked_by ?? 'somebody'} acknowledged it ${after} ago, and nothing followed`,
      },
    ],
    relays: [{ type: 'tell', transition: 'unacknowledged', holdMs: 0 }],
    audit: 'incident.ack_expired',
    decides: true,
  });
}

function silenceOver(before: IncidentRecord, nowMs: number): DeskStep {
  const { incident } = before;
  return deskStep({
    before,
    incident: { ...incident, silence_id: null, silenced_until_ms: null },
    actor: AGENT,
    nowMs,
    entries: [{ kind: 'unsilenced', text: 'the silence has run out' }],
    relays: incident.firing ? [{ type: 'tell', transition: 'updated', holdMs: 0 }] : [],
    decides: true,
  });
}
