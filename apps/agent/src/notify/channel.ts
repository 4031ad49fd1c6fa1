/** What the outbox's worker and the channels say to each other. */
import type { ChannelKind, ChannelSettingsOf } from '@sentinellog/shared';
import type { IncidentNotice } from '../pipeline/delivery.ts';

/** One thing to say about one incident. */
export interface Message {
  readonly notice: IncidentNotice;
  /** Stays the same over every attempt, so that the other side can tell a repeat. */
  readonly key: string;
  /** An earlier attempt may have arrived: look before saying it again, where the other side lets one look. */
  readonly inDoubt: boolean;
  /** What this channel gave back for the incident before; null when this is the first it hears of it. */
  readonly ref: unknown;
}

export interface Receipt {
  /** What the other side calls the message: for the timeline. */
  readonly messageId: string;
  /** To be remembered with the incident; null: as before. */
  readonly ref: unknown;
}

/** One configured way to tell people. Every call ends within the time of `signal`; a failure is a DeliveryFailure. */
export interface Channel {
  /** More first messages than this within a minute become one digest; null: each on its own, always. */
  readonly stormLimit: number | null;
  deliver(message: Message, signal: AbortSignal): Promise<Receipt>;
  /**
   * Several incidents in one message, or that message changed where they have one already (`isDigest`). Absent where
   * each incident has to stand alone, as a page does.
   */
  digest?(messages: readonly Message[], signal: AbortSignal): Promise<Receipt>;
  /** The incident as it is now, where a message of it can be changed without telling anybody anew. */
  refresh?(message: Message, signal: AbortSignal): Promise<void>;
  /** Whether this remembered message is a digest, which is changed once for all its incidents. */
  isDigest?(ref: unknown): boolean;
}

/** What every kind gets to work with. */
export interface ChannelTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly fetch: OutwardFetch;
}

export interface OutwardRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal: AbortSignal;
  /** 64 KiB when absent; what is longer is cut. */
  readonly maxAnswerBytes?: number;
}
export interface OutwardAnswer {
  readonly status: number;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}
/** A request to an address that a person configured: no redirects, no private targets, a bound on the answer. */
export type OutwardFetch = (url: string, request: OutwardRequest) => Promise<OutwardAnswer>;

export type Secrets = Readonly<Record<string, string>>;

/** How a kind is opened: one a file in `channels/`. */
export interface ChannelType<Kind extends ChannelKind> {
  readonly kind: Kind;
  open(settings: ChannelSettingsOf<Kind>, secrets: Secrets, tools: ChannelTools): Channel;
}
