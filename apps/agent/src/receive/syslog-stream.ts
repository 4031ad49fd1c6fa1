import type { Socket } from 'node:net';
import type { LaneSettings } from '../config/receive-settings.ts';
import { MAX_SYSLOG_BYTES, SyslogFrame } from '../pipeline/syslog-framing.ts';
import { FrameFeed } from './frame-feed.ts';
import type { Scanned } from './intake.ts';
import type { LaneConnection } from './lane.ts';
import type { LineDeps } from './line-deps.ts';

const NOTHING = Buffer.alloc(0);
const LF = 0x0a;
/** Behind a message that was cut, so that whoever reads it knows. */
export const TRUNCATED_MARK = ' [truncated]';

/**
 * Syslog over TCP or TLS (RFC 6587, RFC 5425). The protocol has no acknowledgement: what is here and not on disk is
 * lost with the process, so it is little, and a sender that is too fast is held back by not reading.
 */
export class SyslogStream<Batch extends Scanned> implements LaneConnection {
  readonly #socket: Socket;
  readonly #deps: LineDeps<Batch>;
  readonly #feed: FrameFeed;
  readonly #frame = new SyslogFrame();
  /** The beginning of a message whose end has not come yet. */
  #carry: Buffer = NOTHING;
  /** Of a message that was cut: bytes still to come, or all up to a line feed. */
  #skipBytes = 0;
  #skipsLine = false;

  constructor(protocol: string, socket: Socket, { key }: LaneSettings, deps: LineDeps<Batch>) {
    this.#socket = socket;
    this.#deps = deps;
    const remote = socket.remoteAddress ?? '';
    const pinned = deps.deliverer.callerOf(key)?.pinnedService ?? null;
    this.#feed = new FrameFeed({
      head: () => deps.readings.syslog(pinned, remote, deps.now()),
      store: (bytes) =>
        deps.deliverer.deliver(
          { protocol, remote, key, batchId: null, format: 'syslog', defaultService: remote, bytes },
          deps.ended,
        ),
      onRoom: () => socket.resume(),
      onFault: deps.onFault,
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  async finish(): Promise<void> {
    const carry = this.#carry;
    this.#carry = NOTHING;
    // A sender that closes within a message has at least said so much.
    if (carry.length > 0) this.#feed.addCounted(carry, 0, trimmed(carry));
    await this.#feed.settled();
  }

  #take(chunk: Buffer): void {
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    const frame = this.#frame;
    const end = bytes.length;
    let at = this.#skip(bytes);
    let runStart = at;
    while (at < end) {
      frame.look(bytes, at, end, false);
      if (frame.state === 'bad') {
        // Nothing behind a count that lies can be trusted (design: reliability A13).
        this.#feed.add(bytes, runStart, at);
        this.#deps.count('syslog_octet_count');
        this.#carry = NOTHING;
        this.#socket.destroy();
        this.#feed.flush();
        return;
      }
      const length = frame.end - frame.start;
      if (frame.state === 'partial' && end - at <= MAX_SYSLOG_BYTES) break;
      if (length > MAX_SYSLOG_BYTES || frame.state === 'partial') {
        this.#feed.add(bytes, runStart, at);
        this.#cut(bytes, at);
        at = this.#skip(bytes, at);
        runStart = at;
      } else at = frame.next;
    }
    const whole = Math.min(at, end);
    if (whole > runStart) this.#feed.add(bytes, runStart, whole);
    // A copy: the chunk is the socket's.
    this.#carry = whole < end ? Buffer.from(bytes.subarray(whole)) : NOTHING;
    this.#feed.flush();
    if (this.#feed.isFull) this.#socket.pause();
  }

  /** Takes the first 64 KiB of a message that is longer; the rest is skipped as it comes. */
  #cut(bytes: Buffer, at: number): void {
    const { start, end, next, state } = this.#frame;
    const isCounted = start > at;
    this.#deps.count('syslog_truncated');
    this.#feed.addCounted(bytes, start, Math.min(bytes.length, start + MAX_SYSLOG_BYTES), TRUNCATED_MARK);
    if (isCounted) this.#skipBytes = end - at;
    else if (state === 'whole') this.#skipBytes = next - at;
    else this.#skipsLine = true;
  }

  /** Where the next message begins, behind what is skipped. */
  #skip(bytes: Buffer, from = 0): number {
    if (this.#skipBytes > 0) {
      const step = Math.min(this.#skipBytes, bytes.length - from);
      this.#skipBytes -= step;
      return from + step;
    }
    if (!this.#skipsLine) return from;
    const newline = bytes.indexOf(LF, from);
    if (newline < 0) return bytes.length;
    this.#skipsLine = false;
    return newline + 1;
  }
}

function trimmed(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === LF || bytes[end - 1] === 0x0d || bytes[end - 1] === 0)) end--;
  return end;
}
