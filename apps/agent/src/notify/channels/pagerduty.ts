import type { IncidentNotice, Transition } from '../../pipeline/delivery.ts';
import type { ChannelType, Message } from '../channel.ts';
import { DeliveryFailure, failureOfStatus } from '../delivery-failure.ts';
import { alertsOf, sentenceOf, titleOf } from '../incident-words.ts';
import { oneLine } from '../plain-words.ts';

/** Events API v2; Alertmanager cuts at the same places. */
const SUMMARY_CHARACTERS = 1024;
const MAX_EVENT_BYTES = 512_000;
const DEDUP_KEY_CHARACTERS = 255;

type Severity = IncidentNotice['incident']['severity'];
const SEVERITIES: Readonly<Record<Severity, string>> = { P1: 'critical', P2: 'error', P3: 'warning', P4: 'info' };

/** Every event of an incident carries the same key, so a repeat is the same alert: opened once, resolved once. */
export const pagerduty: ChannelType<'pagerduty'> = {
  kind: 'pagerduty',
  open: ({ url }, secrets, { fetch }) => ({
    stormLimit: null,
    deliver: async (message, signal) => {
      const event = eventOf(message, secrets['routingKey']);
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: event,
        signal,
      });
      // A 400 is about this event, or about the key in it: PagerDuty says the same to both.
      if (answer.status === 400 && /routing[ _]key/i.test(answer.text)) {
        throw new DeliveryFailure('broken', 'PagerDuty does not know the routing key: replace it', { reason: 'auth' });
      }
      const failure = failureOfStatus(answer.status, answer.headers, 'PagerDuty');
      if (failure !== null) throw failure;
      return { messageId: dedupKeyOf(message.notice), ref: null };
    },
  }),
};

function dedupKeyOf({ incident }: IncidentNotice): string {
  return incident.incident_id.slice(0, DEDUP_KEY_CHARACTERS);
}

const ACTIONS: Readonly<Record<Transition, 'trigger' | 'acknowledge' | 'resolve'>> = {
  opened: 'trigger',
  updated: 'trigger',
  acknowledged: 'acknowledge',
  // There is no opposite of acknowledge: a trigger is what makes it ring again.
  unacknowledged: 'trigger',
  resolved: 'resolve',
  reopened: 'trigger',
  escalated: 'trigger',
};

function eventOf({ notice }: Message, routingKey: string): string {
  const { incident, consoleUrl } = notice;
  const base = { routing_key: routingKey, event_action: ACTIONS[notice.transition], dedup_key: dedupKeyOf(notice) };
  const payload = {
    summary: titleOf(notice, SUMMARY_CHARACTERS),
    source: oneLine(incident.first_mover.service, 255) || notice.cluster,
    severity: SEVERITIES[incident.severity],
    timestamp: new Date(incident.started_at_ms).toISOString(),
    component: oneLine(incident.first_mover.service, 255),
    group: notice.cluster,
  };
  const details = {
    incident: incident.key,
    what_happened: sentenceOf(notice),
    where: alertsOf(incident),
    first_to_move: `${oneLine(incident.first_mover.service, 100)}: ${oneLine(incident.first_mover.reason, 500)}`,
    told_because: oneLine(notice.because, 500),
    ...(notice.runbook !== null && { runbook: oneLine(notice.runbook.title, 300) }),
    samples: notice.samples.slice(0, 5).map(({ level, message }) => `${oneLine(level, 10)} ${oneLine(message, 1000)}`),
  };
  const links = consoleUrl === null ? [] : [{ href: consoleUrl, text: 'Open in SentinelLog' }];
  const client = { client: 'SentinelLog', ...(consoleUrl !== null && { client_url: consoleUrl }) };
  const whole = JSON.stringify({ ...base, ...client, links, payload: { ...payload, custom_details: details } });
  // Cannot be with the cuts above; if a cut is ever loosened, the page still goes out.
  return Buffer.byteLength(whole) <= MAX_EVENT_BYTES ? whole : JSON.stringify({ ...base, ...client, payload });
}
