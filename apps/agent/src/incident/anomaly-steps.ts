/** What an anomaly does to the incident it belongs to. Pure: the record before, the anomaly, the time. */
import type { Actor, Alert, Anomaly, Incident } from '@sentinellog/shared';
import type { Correlation } from './correlation.ts';
import { MAX_ALERTS, MAX_EVENT_IDS, MAX_TRACE_IDS, FLAPS_TOLD } from './desk-settings.ts';
import { derivedId, type DeskStep, deskStep, type EntryText, type Relay } from './desk-step.ts';
import {
  derived,
  type DeskMemory,
  type IncidentRecord,
  isWorse,
  type Onset,
  peakOf,
  withAlert,
} from './incident-record.ts';
import { incidentKey, listOf, spanOf, titleOf } from './incident-words.ts';

export interface StepContext {
  readonly nowMs: number;
  readonly firstMover: Correlation['firstMover'];
  readonly named: Correlation['named'];
}

/** What the desk needs to know of an anomaly that goes on or ends. */
export type AnomalyNews = Pick<
  Anomaly,
  'event_id' | 'service' | 'detector' | 'reason' | 'started_at_ms' | 'last_outside_ms' | 'raw_data_sample'
>;

/** Tenant, source and signal: never severity, which changes while the thing is the same (requirement S2-10, decided). */
export function dedupKeyOf(tenant: string, { source_id, signal }: Pick<Anomaly, 'source_id' | 'signal'>): string {
  return `${tenant}/${source_id}/${signal}`;
}

export function onsetOf({ event_id, source_id, service, started_at_ms, onset, reason, receipt }: Anomaly): Onset {
  const firstWindow = { from_ms: started_at_ms, to_ms: started_at_ms + receipt.window_seconds * 1000 };
  return { event_id, source_id, service, ...(onset ?? firstWindow), reason };
}

function tellingOnset(tenant: string, anomaly: Anomaly, named: Correlation['named']): Onset {
  const lines = anomaly.raw_data_sample.map(({ message }) => message);
  return { ...onsetOf(anomaly), names: named(tenant, lines).filter((name) => name !== anomaly.service) };
}

/** What is known more closely by now takes the place of what was; a series that comes and goes keeps its first onset. */
function withOnset(onsets: readonly Onset[], alert: Pick<Alert, 'event_ids'>, onset: Onset): Onset[] {
  const known = onsets.find(({ event_id }) => alert.event_ids.includes(event_id));
  if (known === undefined) return [...onsets, onset];
  return onsets.map((one) => (one.event_id === onset.event_id ? onset : one));
}

export function traceIdsOf({ raw_data_sample }: Pick<Anomaly, 'raw_data_sample'>): readonly string[] {
  return [...new Set(raw_data_sample.flatMap(({ trace_id }) => (trace_id === undefined ? [] : [trace_id])))];
}

function detectorActor({ detector }: Pick<Anomaly, 'detector'>): Actor {
  return { kind: 'detector', name: detector, via: null };
}

function alertOf(tenant: string, incidentId: string, anomaly: Anomaly, nowMs: number): Alert {
  return {
    alert_id: derivedId(anomaly.started_at_ms, 'alert', anomaly.event_id),
    incident_id: incidentId,
    dedup_key: dedupKeyOf(tenant, anomaly),
    source_id: anomaly.source_id,
    service: anomaly.service,
    signal: anomaly.signal,
    direction: anomaly.direction,
    state: 'OPEN',
    severity: anomaly.severity,
    peak_score: anomaly.deviation_score,
    reason: anomaly.reason,
    event_ids: [anomaly.event_id],
    firing: true,
    assigned_to: null,
    opened_at_ms: nowMs,
    updated_at_ms: nowMs,
    resolved_at_ms: null,
    resolution: null,
    version: 1,
  };
}

const linkTo = ({ event_id }: AnomalyNews): EntryText['links'] => [{ kind: 'anomaly', id: event_id }];

/** A new incident of one anomaly. */
export function openIncident(
  tenant: string,
  anomaly: Anomaly,
  isKeyTaken: (key: string) => boolean,
  { nowMs, firstMover, named }: StepContext,
): DeskStep {
  const incidentId = derivedId(anomaly.started_at_ms, 'incident', anomaly.event_id);
  const alert = alertOf(tenant, incidentId, anomaly, nowMs);
  const onset = tellingOnset(tenant, anomaly, named);
  const actor = detectorActor(anomaly);
  const incident: Incident = {
    incident_id: incidentId,
    key: incidentKey(nowMs, isKeyTaken),
    tenant,
    title: titleOf(anomaly, [anomaly.service]),
    state: 'OPEN',
    severity: anomaly.severity,
    severity_override: null,
    services: [anomaly.service],
    first_mover: firstMover(tenant, [onset]),
    peak_score: anomaly.deviation_score,
    started_at_ms: anomaly.started_at_ms,
    opened_at_ms: nowMs,
    updated_at_ms: nowMs,
    firing: true,
    quiet_since_ms: null,
    alerts: [alert],
    assigned_to: null,
    acked_by: null,
    acked_at_ms: null,
    ack_expires_at_ms: null,
    resolved_by: null,
    resolved_at_ms: null,
    resolution: null,
    merged_into: null,
    silence_id: null,
    silenced_until_ms: null,
    held: null,
    reopened: 0,
    version: 0,
  };
  const memory: DeskMemory = {
    decided: { version: 1, by: actor, at_ms: nowMs, alerts: {} },
    before_ack: null,
    before_resolve: null,
    past_overrides: [],
    resolved_from: {},
    onsets: [onset],
    trace_ids: traceIdsOf(anomaly).slice(0, MAX_TRACE_IDS),
    flaps: 0,
    last_active_ms: anomaly.last_outside_ms,
  };
  const text = `${anomaly.service}: ${anomaly.reason}`;
  return deskStep({
    before: { incident, memory },
    incident,
    actor,
    nowMs,
    entries: [{ kind: 'opened', text, alertId: alert.alert_id, links: linkTo(anomaly) }],
    relays: [{ type: 'tell', transition: 'opened', holdMs: 0 }],
    audit: 'incident.open',
    decides: true,
  });
}

/** Room for one more series. */
export function hasRoom({ incident }: IncidentRecord): boolean {
  return incident.alerts.length < MAX_ALERTS;
}

/** Another series joins. `because`: why it belongs here. */
export function joinIncident(
  before: IncidentRecord,
  anomaly: Anomaly,
  because: string,
  context: StepContext,
): DeskStep {
  const { incident, memory } = before;
  const alert = alertOf(incident.tenant, incident.incident_id, anomaly, context.nowMs);
  // Whoever took the incident took what belongs to it.
  const joined: Alert = {
    ...alert,
    state: incident.state === 'ACK' ? 'ACK' : 'OPEN',
    assigned_to: incident.assigned_to,
  };
  const onset = tellingOnset(incident.tenant, anomaly, context.named);
  const entry: EntryText = {
    kind: 'alert_added',
    text: `${anomaly.service}: ${anomaly.reason} (${because})`,
    alertId: alert.alert_id,
    links: linkTo(anomaly),
  };
  return settle(
    before,
    {
      ...incident,
      alerts: [...incident.alerts, joined],
      started_at_ms: Math.min(incident.started_at_ms, onset.from_ms),
    },
    { ...takenIn(memory, anomaly), onsets: [...memory.onsets, onset] },
    anomaly,
    [entry],
    [],
    context,
    true,
  );
}

/** The anomaly is of an alert that the incident has: a new one of its series, or news of the present one. */
export function updateAlert(before: IncidentRecord, alertId: string, anomaly: Anomaly, context: StepContext): DeskStep {
  const { incident, memory } = before;
  const alert = alertById(incident, alertId);
  const isNew = !alert.event_ids.includes(anomaly.event_id);
  const returns = isNew && !alert.firing;
  // One that was resolved by itself while its incident went on.
  const reopened = isNew && alert.state === 'RESOLVED' && incident.state !== 'RESOLVED';
  const changed: Alert = {
    ...alert,
    ...(reopened && { state: incident.state, resolved_at_ms: null, resolution: null }),
    direction: anomaly.direction,
    severity: isWorse(anomaly.severity, alert.severity) ? anomaly.severity : alert.severity,
    peak_score: peakOf([alert.peak_score, anomaly.deviation_score]),
    reason: anomaly.reason,
    event_ids: isNew ? [...alert.event_ids, anomaly.event_id].slice(-MAX_EVENT_IDS) : alert.event_ids,
    firing: true,
    updated_at_ms: context.nowMs,
    version: alert.version + 1,
  };
  const flaps = memory.flaps + (returns ? 1 : 0);
  const entries: EntryText[] = [];
  if (returns && flaps <= FLAPS_TOLD)
    entries.push({
      kind: 'firing_again',
      text:
        flaps === FLAPS_TOLD
          ? `${anomaly.service} comes and goes: from now on its comings and goings are no longer listed`
          : `${anomaly.service} fires again: ${anomaly.reason}`,
      alertId,
      links: linkTo(anomaly),
    });
  return settle(
    before,
    withAlert(incident, changed),
    {
      ...takenIn(memory, anomaly),
      flaps,
      onsets: withOnset(memory.onsets, alert, tellingOnset(incident.tenant, anomaly, context.named)),
    },
    anomaly,
    entries,
    [],
    context,
    false,
  );
}

/** The series came back inside the cooldown of an incident that was resolved: the same incident goes on, and says so. */
export function reopenByAnomaly(
  before: IncidentRecord,
  alertId: string,
  anomaly: Anomaly,
  context: StepContext,
): DeskStep {
  const { incident, memory } = before;
  const { nowMs } = context;
  const alert = alertById(incident, alertId);
  const ended = spanOf(nowMs - (incident.resolved_at_ms ?? nowMs));
  const who = incident.resolved_by;
  const text =
    who === null
      ? `${anomaly.service} fires again ${ended} after it had recovered: ${anomaly.reason}`
      : `${anomaly.service} fires again ${ended} after ${who} resolved it as ${incident.resolution ?? 'fixed'}: ${anomaly.reason}`;
  const isHeld = incident.held?.transition === 'resolved' && nowMs < incident.held.until_ms;
  const changed: Alert = {
    ...alert,
    state: 'OPEN',
    resolved_at_ms: null,
    resolution: null,
    firing: true,
    direction: anomaly.direction,
    severity: isWorse(anomaly.severity, alert.severity) ? anomaly.severity : alert.severity,
    peak_score: peakOf([alert.peak_score, anomaly.deviation_score]),
    reason: anomaly.reason,
    event_ids: [...alert.event_ids.filter((id) => id !== anomaly.event_id), anomaly.event_id].slice(-MAX_EVENT_IDS),
    updated_at_ms: nowMs,
    version: alert.version + 1,
  };
  return settle(
    before,
    withAlert(
      {
        ...incident,
        state: 'OPEN',
        acked_by: null,
        acked_at_ms: null,
        ack_expires_at_ms: null,
        held: null,
        resolved_by: null,
        resolved_at_ms: null,
        resolution: null,
        reopened: incident.reopened + 1,
      },
      changed,
    ),
    {
      ...takenIn(memory, anomaly),
      before_ack: null,
      before_resolve: null,
      flaps: 0,
      // Who goes first is asked anew: what was first the last time may be third now.
      onsets: [tellingOnset(incident.tenant, anomaly, context.named)],
    },
    anomaly,
    [{ kind: 'reopened', text, alertId, links: linkTo(anomaly) }],
    [isHeld ? { type: 'take_back', transition: 'resolved' } : { type: 'tell', transition: 'reopened', holdMs: 0 }],
    context,
    true,
    'incident.reopen',
  );
}

/** The series is back inside. */
export function recoverAlert(
  before: IncidentRecord,
  alertId: string,
  anomaly: AnomalyNews,
  context: StepContext,
): DeskStep {
  const { incident, memory } = before;
  const { nowMs } = context;
  const alert = alertById(incident, alertId);
  const changed: Alert = { ...alert, firing: false, updated_at_ms: nowMs, version: alert.version + 1 };
  const next = withAlert(incident, changed);
  const isTold = memory.flaps < FLAPS_TOLD;
  const quiet = next.alerts.every(({ firing }) => !firing) ? '; all is quiet' : '';
  const lasted = anomaly.last_outside_ms - anomaly.started_at_ms;
  const entry: EntryText = {
    kind: 'recovered',
    text: `${alert.service} is back to normal after ${spanOf(lasted)}${quiet}`,
    alertId,
    links: linkTo(anomaly),
  };
  return settle(before, next, takenIn(memory, anomaly), anomaly, isTold ? [entry] : [], [], context, false);
}

function alertById(incident: Incident, alertId: string): Alert {
  const alert = incident.alerts.find(({ alert_id }) => alert_id === alertId);
  if (alert === undefined) throw new Error(`incident ${incident.incident_id} has no alert ${alertId}`);
  return alert;
}

function takenIn(memory: DeskMemory, anomaly: AnomalyNews): DeskMemory {
  return {
    ...memory,
    trace_ids: [...new Set([...memory.trace_ids, ...traceIdsOf(anomaly)])].slice(-MAX_TRACE_IDS),
    last_active_ms: Math.max(memory.last_active_ms, anomaly.last_outside_ms),
  };
}

/** Makes the incident follow from its alerts again, and says what that changed: a severity that rose, another first mover. */
function settle(
  before: IncidentRecord,
  incident: Incident,
  memory: DeskMemory,
  anomaly: AnomalyNews,
  entries: readonly EntryText[],
  relays: readonly Relay[],
  context: StepContext,
  decides: boolean,
  audit?: string,
): DeskStep {
  const mover = context.firstMover(incident.tenant, memory.onsets);
  const services = [...new Set(incident.alerts.map(({ service }) => service))];
  const next = derived(
    incident,
    mover,
    titleOf({ service: mover.service, reason: wordsOf(mover, memory) }, services),
    context.nowMs,
  );
  const rose = isWorse(next.severity, before.incident.severity);
  const all = [...entries];
  if (rose)
    all.push({
      kind: 'severity_raised',
      text: `${before.incident.severity} → ${next.severity}: ${listOf([anomaly.service])} ${anomaly.reason}`,
      links: linkTo(anomaly),
    });
  const joined = next.alerts.length > before.incident.alerts.length;
  const tells = relays.some(({ type }) => type === 'tell');
  const isLoud = !tells && next.state !== 'RESOLVED' && (rose || joined);
  return deskStep({
    before,
    incident: next,
    memory,
    actor: detectorActor(anomaly),
    nowMs: context.nowMs,
    entries: all,
    relays: isLoud ? [...relays, { type: 'tell', transition: 'updated', holdMs: 0 }] : relays,
    ...(audit !== undefined && { audit }),
    decides: decides || rose,
  });
}

function wordsOf({ event_id }: Incident['first_mover'], { onsets }: DeskMemory): string {
  return onsets.find((onset) => onset.event_id === event_id)?.reason ?? 'outside its baseline';
}
