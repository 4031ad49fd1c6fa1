import type { Socket } from 'node:net';
import type { LaneSettings } from '../config/receive-settings.ts';
import { MAX_SYSLOG_BYTES } from '../pipeline/syslog-framing.ts';
import type { Delivered } from './deliver.ts';
import { FrameFeed } from './frame-feed.ts';
import type { Scanned } from './intake.ts';
import type { LaneConnection } from './lane.ts';
import type { LineDeps } from './line-deps.ts';
import { TRUNCATED_MARK } from './syslog-stream.ts';

const NOTHING = Buffer.alloc(0);
const LF = 0x0a;
const SPACE = 0x20;
/** TXNR (9 digits), command (32), length (9) and the blanks between (RELP §2.2). */
const MAX_HEAD_BYTES = 54;
/** librelp sends 128 kB at most by default; a megabyte is a choice of ours. */
const MAX_DATA_BYTES = 1024 * 1024;
/** Messages that wait for the disk; librelp's own window is 128. */
const MAX_WAITING = 4096;

const OFFER = 'relp_version=0\nrelp_software=sentinellog\ncommands=syslog';

type State = 'new' | 'open' | 'closed';

/**
 * RELP (rsyslog's omrelp): every message is answered once it is on disk, so its sender keeps what was not and sends it
 * again, to us or after our restart. A message whose answer was lost comes twice; that is the protocol.
 */
export class RelpConnection<Batch extends Scanned> implements LaneConnection {
  readonly #socket: Socket;
  readonly #deps: LineDeps<Batch>;
  readonly #feed: FrameFeed;
  #carry: Buffer = NOTHING;
  #state: State = 'new';
  /** Transactions whose messages lie in the batch that fills. */
  #filling: number[] = [];

  constructor(socket: Socket, { key }: LaneSettings, deps: LineDeps<Batch>) {
    this.#socket = socket;
    this.#deps = deps;
    const remote = socket.remoteAddress ?? '';
    const pinned = deps.deliverer.callerOf(key)?.pinnedService ?? null;
    const common = { protocol: 'relp', remote, key, batchId: null, format: 'syslog', defaultService: remote } as const;
    this.#feed = new FrameFeed({
      head: () => deps.readings.syslog(pinned, remote, deps.now()),
      store: async (bytes) => {
        const transactions = this.#filling;
        this.#filling = [];
        this.#answer(transactions, await deps.deliverer.deliver({ ...common, bytes }, deps.ended));
        if (this.#socket.isPaused() && !this.#isFull) this.#socket.resume();
      },
      onRoom: () => undefined,
      onFault: deps.onFault,
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  async finish(): Promise<void> {
    await this.#feed.settled();
    if (this.#state === 'open' && this.#socket.writable) {
      this.#state = 'closed';
      await new Promise<void>((resolve) => {
        this.#socket.end('0 serverclose 0\n', () => resolve());
        this.#socket.once('close', () => resolve());
      });
    }
  }

  get #isFull(): boolean {
    return this.#feed.isFull || this.#filling.length >= MAX_WAITING;
  }

  #take(chunk: Buffer): void {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    let at = 0;
    for (;;) {
      const next = this.#frame(bytes, at);
      if (next < 0) break;
      at = next;
    }
    this.#carry = at < bytes.length ? Buffer.from(bytes.subarray(at)) : NOTHING;
    this.#feed.flush();
    if (this.#isFull) this.#socket.pause();
  }

  /** Takes one frame; where the next begins, or −1 when this one is not whole or ends the connection. */
  #frame(bytes: Buffer, at: number): number {
    while (at < bytes.length && bytes[at] === LF) at++;
    if (at >= bytes.length || this.#socket.destroyed) return -1;
    const head = headOf(bytes, at);
    if (head === 'partial') return -1;
    if (head === 'bad') return this.#hangUp('relp_frame');
    const { transaction, command, dataStart, dataBytes } = head;
    if (dataBytes > MAX_DATA_BYTES) return this.#hangUp('relp_too_large');
    const dataEnd = dataStart + dataBytes;
    if (dataEnd >= bytes.length) return -1;
    if (bytes[dataEnd] !== LF) return this.#hangUp('relp_frame');
    this.#obey(command, transaction, bytes, dataStart, dataEnd);
    return dataEnd + 1;
  }

  #obey(command: string, transaction: number, bytes: Buffer, start: number, end: number): void {
    switch (command) {
      case 'open':
        this.#state = 'open';
        this.#respond(transaction, `200 OK\n${OFFER}`);
        return;
      case 'syslog':
        if (this.#state !== 'open') {
          this.#respond(transaction, '500 open a session first');
          return;
        }
        if (end === start) {
          this.#respond(transaction, '200 OK');
          return;
        }
        this.#message(bytes, start, end);
        this.#filling.push(transaction);
        return;
      case 'close':
        this.#state = 'closed';
        // What was sent before is answered before.
        void this.#sayGoodbye(transaction);
        return;
      default:
        this.#deps.count('relp_command');
        this.#respond(transaction, '500 this command is not known here');
    }
  }

  async #sayGoodbye(transaction: number): Promise<void> {
    await this.#feed.settled();
    this.#respond(transaction, '');
    this.#socket.end('0 serverclose 0\n');
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const isLong = end - start > MAX_SYSLOG_BYTES;
    if (isLong) this.#deps.count('syslog_truncated');
    this.#feed.addCounted(bytes, start, isLong ? start + MAX_SYSLOG_BYTES : end, isLong ? TRUNCATED_MARK : '');
  }

  #answer(transactions: readonly number[], delivered: Delivered): void {
    switch (delivered) {
      case 'stored':
      case 'unusable':
        this.#write(transactions.map((number) => `${number} rsp 6 200 OK\n`).join(''));
        return;
      case 'refused_key':
        this.#write(transactions.map((number) => `${number} rsp 24 500 the key is not valid\n`).join(''));
        return;
      case 'given_up':
        // No answer: the sender keeps them.
        this.#socket.destroy();
    }
  }

  #respond(transaction: number, text: string): void {
    this.#write(`${transaction} rsp ${text.length}${text === '' ? '' : ` ${text}`}\n`);
  }

  #write(text: string): void {
    if (this.#socket.writable) this.#socket.write(text);
  }

  #hangUp(reason: string): -1 {
    this.#deps.count(reason);
    this.#carry = NOTHING;
    this.#socket.destroy();
    return -1;
  }
}

interface Head {
  readonly transaction: number;
  readonly command: string;
  readonly dataStart: number;
  readonly dataBytes: number;
}

/** `TXNR SP COMMAND SP DATALEN (SP DATA)? LF` */
function headOf(bytes: Buffer, at: number): Head | 'partial' | 'bad' {
  const limit = Math.min(bytes.length, at + MAX_HEAD_BYTES);
  let end = at;
  let blanks = 0;
  while (end < limit && bytes[end] !== LF && !(bytes[end] === SPACE && ++blanks === 3)) end++;
  if (end === limit) return limit < at + MAX_HEAD_BYTES ? 'partial' : 'bad';
  const match = /^(\d{1,9}) ([a-zA-Z]{1,32}) (\d{1,9})$/.exec(bytes.toString('latin1', at, end));
  if (match === null) return 'bad';
  const dataBytes = Number(match[3]);
  const dataStart = dataBytes === 0 && bytes[end] === LF ? end : end + 1;
  if (dataBytes > 0 && bytes[end] === LF) return 'bad';
  return { transaction: Number(match[1]), command: match[2], dataStart, dataBytes };
}
