/** Two incidents that turn out to be one: the alerts move, the one that is left says where they went. Pure. */
import type { Actor, Incident } from '@sentinellog/shared';
import type { Correlation } from './correlation.ts';
import { MAX_TRACE_IDS } from './desk-settings.ts';
import { type DeskStep, deskStep } from './desk-step.ts';
import { derived, type IncidentRecord } from './incident-record.ts';
import { titleOf } from './incident-words.ts';

/** @param because in words, for both timelines */
export function mergeSteps(
  from: IncidentRecord,
  into: IncidentRecord,
  because: string,
  actor: Actor,
  nowMs: number,
  firstMover: Correlation['firstMover'],
): readonly [DeskStep, DeskStep] {
  const { incident: gone } = from;
  const { incident: kept } = into;
  const moved = gone.alerts.map((alert) => ({
    ...alert,
    incident_id: kept.incident_id,
    ...(kept.state === 'ACK' && alert.state === 'OPEN' && { state: 'ACK' as const }),
    updated_at_ms: nowMs,
    version: alert.version + 1,
  }));
  const onsets = [...into.memory.onsets, ...from.memory.onsets];
  const mover = firstMover(kept.tenant, onsets);
  const reason = onsets.find(({ event_id }) => event_id === mover.event_id)?.reason ?? mover.reason;
  const services = [...new Set([...kept.services, ...gone.services])];
  const joined: Incident = {
    ...kept,
    alerts: [...kept.alerts, ...moved],
    started_at_ms: Math.min(kept.started_at_ms, gone.started_at_ms),
  };
  const left: Incident = {
    ...gone,
    alerts: [],
    state: 'RESOLVED',
    resolution: 'merged',
    merged_into: kept.incident_id,
    held: null,
    firing: false,
    quiet_since_ms: gone.quiet_since_ms ?? nowMs,
    resolved_by: actor.kind === 'person' || actor.kind === 'channel' ? actor.name : null,
    resolved_at_ms: nowMs,
  };
  return [
    deskStep({
      before: from,
      incident: left,
      memory: { before_resolve: null, before_ack: null },
      actor,
      nowMs,
      entries: [
        {
          kind: 'merged',
          text: `merged into ${kept.key}: ${because}`,
          links: [{ kind: 'incident', id: kept.incident_id }],
        },
      ],
      relays: [{ type: 'tell', transition: 'resolved', holdMs: 0 }],
      audit: 'incident.merge',
      decides: true,
    }),
    deskStep({
      before: into,
      incident: derived(joined, mover, titleOf({ service: mover.service, reason }, services), nowMs),
      memory: {
        onsets,
        trace_ids: [...new Set([...into.memory.trace_ids, ...from.memory.trace_ids])].slice(-MAX_TRACE_IDS),
        last_active_ms: Math.max(into.memory.last_active_ms, from.memory.last_active_ms),
        // What was before no longer covers the alerts that came along.
        before_resolve: null,
      },
      actor,
      nowMs,
      entries: [
        {
          kind: 'merged',
          text: `${gone.key} (${gone.services.join(', ')}) is part of this: ${because}`,
          links: [{ kind: 'incident', id: gone.incident_id }],
        },
      ],
      relays: [{ type: 'tell', transition: 'updated', holdMs: 0 }],
      audit: 'incident.merge',
      decides: true,
    }),
  ];
}
