import type { Delivery, IncidentNotice } from '../pipeline/delivery.ts';
import type { Log } from '../telemetry/log.ts';
import type { BookedChannel } from './channel-book.ts';

/** People see the message change within this, or with the delivery that comes next. */
const SHOW_MS = 8000;

export interface StandingMessagesParts {
  readonly channels: () => readonly BookedChannel[];
  readonly noticeOf: (delivery: Delivery) => Promise<IncidentNotice | null>;
  readonly refOf: (incidentId: string, channelId: string) => Promise<unknown>;
  readonly log: Log;
}

/** Asks for the notice of an incident as it is, without anything new to say of it. */
export function asItIsNow(incidentId: string, channelId: string): Delivery {
  return { incidentId, channelId, transition: 'updated', turn: 0, notBeforeMs: 0, because: '', batch: false };
}

/** Messages that stand in a channel and can be changed without telling anybody anew. */
export class StandingMessages {
  readonly #parts: StandingMessagesParts;

  constructor(parts: StandingMessagesParts) {
    this.#parts = parts;
  }

  /** The incident as it is now, in every channel that can show it. */
  async showAll(incidentId: string): Promise<void> {
    await Promise.all(this.#parts.channels().map((booked) => this.show(booked, incidentId)));
  }

  /** What is held back from others, this channel shows at once. */
  async show({ channelId, channel, enabled }: BookedChannel, incidentId: string): Promise<void> {
    if (!enabled || channel?.refresh === undefined) return;
    const delivery = asItIsNow(incidentId, channelId);
    try {
      const ref = await this.#parts.refOf(incidentId, channelId);
      const notice = ref === null ? null : await this.#parts.noticeOf(delivery);
      if (notice === null) return;
      await channel.refresh({ notice, key: '', inDoubt: false, ref }, AbortSignal.timeout(SHOW_MS));
    } catch (err) {
      // The delivery that follows brings the message up to date.
      this.#parts.log.info({ event: 'notify.refresh_failed', channel: channelId, err }, 'the message changes later');
    }
  }
}
