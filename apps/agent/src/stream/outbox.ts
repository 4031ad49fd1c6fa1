/** Bytes that may wait in a socket before live data is dropped for its reader (reliability F30). */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Twice what a replay can hold (message-ring.ts): a reader that falls behind further than that has to start over. */
const MAX_WAITING_MESSAGES = 4000;
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;

/** What the outbox needs of a WebSocket. */
export interface OutboxSocket {
  readonly bufferedAmount: number;
  /** Calls back when the operating system has taken the message. */
  send(data: string | Buffer, options: { binary: boolean }, done: () => void): void;
}

export interface OutboxOptions {
  /** A live message was not sent. */
  readonly onDropped: (topic: string) => void;
  /** Even what may not be dropped has become too much. */
  readonly onOverflow: () => void;
}

/**
 * What goes out to one reader. Live data (heartbeats, health) is dropped while the reader is slow, and counted; what it must
 * not miss (anomalies, sources, answers) waits in order. When it has caught up it gets the waiting first, then a `gap`
 * message for each topic that says how much was dropped.
 */
export class Outbox {
  readonly #socket: OutboxSocket;
  readonly #options: OutboxOptions;
  readonly #dropped = new Map<string, number>();
  #waiting: string[] = [];
  #waitingCharacters = 0;

  constructor(socket: OutboxSocket, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** For what must arrive: sent now, or as soon as everything before it is. */
  must(text: string): void {
    if (this.#waiting.length === 0 && !this.#isSlow()) {
      this.#send(text);
      return;
    }
    this.#waiting.push(text);
    this.#waitingCharacters += text.length;
    if (this.#waiting.length > MAX_WAITING_MESSAGES || this.#waitingCharacters > MAX_WAITING_CHARACTERS) {
      this.#options.onOverflow();
    }
  }

  /** For what the next one replaces: sent now or never. A Buffer holds UTF-8 text and may be shared by many readers. */
  may(topic: string, data: string | Buffer): void {
    // Until the gap has been told, live data would hide it.
    if (this.#waiting.length > 0 || this.#dropped.size > 0 || this.#isSlow()) {
      this.#dropped.set(topic, (this.#dropped.get(topic) ?? 0) + 1);
      this.#options.onDropped(topic);
      return;
    }
    this.#send(data);
  }

  #isSlow(): boolean {
    return this.#socket.bufferedAmount > MAX_BUFFERED_BYTES;
  }

  #send(data: string | Buffer): void {
    this.#socket.send(data, { binary: false }, () => this.#sent());
  }

  #sent(): void {
    if (this.#waiting.length === 0 && this.#dropped.size === 0) return;
    // Half empty before it starts again, so that a reader on the edge gets few gaps of some length, not one a message.
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES / 2) return;
    let sent = 0;
    while (sent < this.#waiting.length && !this.#isSlow()) {
      const text = this.#waiting[sent++];
      this.#waitingCharacters -= text.length;
      this.#send(text);
    }
    this.#waiting = this.#waiting.slice(sent);
    if (this.#waiting.length > 0) return;
    const gaps = [...this.#dropped];
    this.#dropped.clear();
    for (const [topic, dropped] of gaps) this.#send(JSON.stringify({ type: 'gap', topic, dropped }));
  }
}
