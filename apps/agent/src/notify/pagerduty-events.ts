/** PagerDuty's own webhooks (v3): what people do there happens here too. */
import { type Actor, type IncidentAction, RequestError } from '@sentinellog/shared';
import { z } from 'zod';
import type { Transition } from '../pipeline/delivery.ts';
import type { Log } from '../telemetry/log.ts';
import type { BookedChannel } from './channel-book.ts';
import type { DeskActions, PersonBook } from './desk.ts';
import { oneLine } from './plain-words.ts';
import { SeenOnce } from './seen-once.ts';
import { isHmac, type SignatureVerdict } from './slack/slack-signature.ts';

/** What was done long ago may have been undone here since. */
const OLDEST_MS = 3_600_000;
const NEWEST_MS = 300_000;
const REMEMBERED = 10_000;

const EventSchema = z.object({
  event: z.object({
    id: z.string().max(100),
    event_type: z.string().max(100),
    occurred_at: z.string().max(40),
    /** Who did it; anything but a user is an integration: ours, most of the time. */
    agent: z
      .object({ id: z.string().max(100).default(''), type: z.string().max(100), summary: z.string().default('') })
      .nullish(),
    data: z.object({ incident_key: z.string().max(255).nullish() }).loose(),
  }),
});

const MEANINGS: Readonly<Record<string, { readonly action: IncidentAction; readonly transition: Transition }>> = {
  'incident.acknowledged': { action: { action: 'ack', holdMs: 0 }, transition: 'acknowledged' },
  'incident.unacknowledged': { action: { action: 'unack' }, transition: 'unacknowledged' },
  'incident.resolved': {
    action: { action: 'resolve', holdMs: 0, resolution: 'fixed', force: true },
    transition: 'resolved',
  },
  'incident.reopened': { action: { action: 'reopen' }, transition: 'reopened' },
};

export interface PagerDutyEventsParts {
  readonly channelOf: (channelId: string) => Pick<BookedChannel, 'secrets'> | undefined;
  readonly desk: DeskActions;
  readonly people: PersonBook;
  /** So that the same is not said back. */
  readonly heard: (incidentId: string, channelId: string, transition: Transition) => Promise<void>;
  readonly now: () => number;
  readonly log: Log;
}

export type PagerDutyOutcome = 'done' | 'refused' | 'ignored';

export class PagerDutyEvents {
  readonly #parts: PagerDutyEventsParts;
  readonly #seen = new SeenOnce(REMEMBERED);

  constructor(parts: PagerDutyEventsParts) {
    this.#parts = parts;
  }

  /** @param signature header `X-PagerDuty-Signature`: `v1=…`, several while a secret is being replaced */
  check(channelId: string, signature: string | undefined, body: Uint8Array): SignatureVerdict {
    const secret = this.#parts.channelOf(channelId)?.secrets['webhookSecret'];
    if (signature === undefined) return 'missing';
    if (secret === undefined) return 'wrong';
    const given = [...signature.slice(0, 2000).matchAll(/v1=([0-9a-f]{64})/g)].map((match) => match[1]);
    return given.some((hex) => isHmac(secret, body, hex)) ? 'ok' : 'wrong';
  }

  /** RequestError `invalid_request` where it is not an event of PagerDuty's. */
  async handle(channelId: string, body: Uint8Array): Promise<PagerDutyOutcome> {
    const parsed = EventSchema.safeParse(parse(body));
    if (!parsed.success) throw new RequestError('invalid_request', 'this is not a v3 event of PagerDuty');
    const { id, event_type, occurred_at, agent, data } = parsed.data.event;
    const meaning = Object.hasOwn(MEANINGS, event_type) ? MEANINGS[event_type] : undefined;
    const incidentId = data.incident_key;
    const ageMs = this.#parts.now() - Date.parse(occurred_at);
    const isTimely = ageMs <= OLDEST_MS && ageMs >= -NEWEST_MS;
    const isByPerson = agent?.type.startsWith('user') === true;
    if (meaning === undefined || !incidentId || !isTimely || !isByPerson) return 'ignored';
    if (!this.#seen.isFirst(`${channelId}:${id}`)) return 'ignored';
    await this.#parts.heard(incidentId, channelId, meaning.transition);
    const name =
      (await this.#parts.people.nameOf('pagerduty', agent.id)) ?? (oneLine(agent.summary, 100) || 'somebody');
    const actor: Actor = { kind: 'person', name, via: 'pagerduty' };
    const answer = await this.#parts.desk.act(incidentId, meaning.action, actor);
    this.#parts.log.info(
      { event: 'notify.pagerduty_event', type: event_type, outcome: answer.type },
      'heard from PagerDuty',
    );
    return answer.type;
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
