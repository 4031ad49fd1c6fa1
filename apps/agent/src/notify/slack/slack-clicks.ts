import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Log } from '../../telemetry/log.ts';
import type { BookedChannel } from '../channel-book.ts';
import type { OutwardFetch } from '../channel.ts';
import type { DeskActions, PersonBook } from '../desk.ts';
import { oneLine } from '../plain-words.ts';
import { SeenOnce } from '../seen-once.ts';
import { wishOf } from './slack-actions.ts';
import { slackCall } from './slack-client.ts';
import { slackText } from './slack-text.ts';

const REMEMBERED = 10_000;
/** Slack's people get an answer within this. */
const ANSWER_MS = 8000;

/** What Slack sends when somebody clicks (block_actions), as far as it is needed. */
const ClickSchema = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string().max(40) }),
  channel: z.object({ id: z.string().max(40) }).optional(),
  container: z.object({ channel_id: z.string().max(40).optional() }).optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        action_ts: z.string().max(40).default(''),
        value: z.string().max(2000).optional(),
        selected_option: z.object({ value: z.string().max(150) }).nullish(),
      }),
    )
    .min(1)
    .max(5),
});

export interface SlackClicksParts {
  readonly channels: () => readonly BookedChannel[];
  readonly desk: DeskActions;
  readonly people: PersonBook;
  /** The message as the incident is now: what is held back from others, the one who clicked sees at once. */
  readonly show: (booked: BookedChannel, incidentId: string) => Promise<void>;
  readonly fetch: OutwardFetch;
  readonly now: () => number;
  readonly log: Log;
}

/** What became of a click: the word goes to the log and to the tests. */
export type ClickOutcome = 'done' | 'refused' | 'unmapped' | 'repeated' | 'foreign';

/** Clicks on our buttons, whichever way they come: from a person to the desk, and the message shows it at once. */
export class SlackClicks {
  readonly #parts: SlackClicksParts;
  readonly #seen = new SeenOnce(REMEMBERED);

  constructor(parts: SlackClicksParts) {
    this.#parts = parts;
  }

  async handle(payload: unknown): Promise<ClickOutcome> {
    const click = ClickSchema.safeParse(payload);
    if (!click.success) return 'foreign';
    const { user, channel, container, actions } = click.data;
    const slackChannel = channel?.id ?? container?.channel_id;
    const booked = this.#parts.channels().find(({ settings }) => {
      return settings.kind === 'slack' && settings.channel === slackChannel;
    });
    if (booked === undefined || booked.settings.kind !== 'slack' || !booked.enabled) return 'foreign';
    const [{ action_id, action_ts, value, selected_option }] = actions;
    const wish = wishOf(action_id, selected_option?.value ?? value ?? '', this.#parts.now(), booked.settings.timeZone);
    if (wish === null) return 'foreign';
    // Slack delivers again what it believes was not answered.
    const id = createHash('sha256')
      .update(JSON.stringify([user.id, action_id, action_ts, wish.incidentId]))
      .digest('hex');
    if (!this.#seen.isFirst(id)) return 'repeated';

    const name = (await this.#parts.people.nameOf('slack', user.id)) ?? booked.settings.people[user.id];
    if (name === undefined) {
      this.#parts.log.warn({ event: 'notify.click_unmapped', slack_user: user.id }, 'a click by nobody known here');
      const words = 'You are not known to SentinelLog as somebody who may act on incidents. Ask an admin to map you.';
      await this.#whisper(booked, user.id, words);
      return 'unmapped';
    }
    const answer = await this.#parts.desk.act(wish.incidentId, wish.action, { kind: 'person', name, via: 'slack' });
    this.#parts.log.info(
      { event: 'notify.click', slack_user: user.id, action: wish.action.action, outcome: answer.type },
      'a click in Slack',
    );
    if (answer.type === 'refused') await this.#whisper(booked, user.id, oneLine(answer.detail, 500));
    await this.#parts.show(booked, wish.incidentId);
    return answer.type;
  }

  /** Seen by this person alone. */
  async #whisper({ settings, secrets }: BookedChannel, user: string, words: string): Promise<void> {
    if (settings.kind !== 'slack') return;
    const call = slackCall(secrets['botToken'], settings.apiUrl, this.#parts.fetch, AbortSignal.timeout(ANSWER_MS));
    try {
      await call('chat.postEphemeral', { channel: settings.channel, user, text: slackText(words, 600) });
    } catch (err) {
      this.#parts.log.info({ event: 'notify.whisper_failed', err }, 'Slack did not show the answer to a click');
    }
  }
}
