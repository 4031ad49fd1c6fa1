import { FRAME_COLUMNS, type FrameColumn } from '@sentinellog/shared';
import type { FrameCounts } from './recent-seconds.ts';
import type { SecondDetails, TemplateCount } from './second-details.ts';

const NOBODY_LOOKED = 0;
const COUNTED = 1;
const WITH_DETAILS = 2;
const ID_BYTES = 8;

/** One closed second of one source, as `SourceWatch.observe` took it. */
export interface LoggedSecond {
  readonly source: string;
  readonly second: number;
  readonly counts: FrameCounts | null;
  readonly details: SecondDetails | null;
}

/**
 * What was observed, second by second: a state from before and this give the state after, to the bit. A quiet second of one source
 * takes some twelve bytes, so that a checkpoint can write these instead of the state of every source.
 */
export class SecondLog {
  #bytes = new Uint8Array(4096);
  #length = 0;
  readonly #places = new Map<string, number>();
  #before = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add({ source, second, counts, details }: LoggedSecond): void {
    const known = this.#places.get(source);
    const place = known ?? this.#places.size;
    if (known === undefined) this.#places.set(source, place);
    this.#varint(place);
    // Signed, as sources take turns: least bits say which way.
    const step = second - this.#before;
    this.#varint(step >= 0 ? step * 2 : -step * 2 - 1);
    this.#before = second;
    if (counts === null) return this.#varint(NOBODY_LOOKED);
    this.#varint(details === null ? COUNTED : WITH_DETAILS);
    for (const column of FRAME_COLUMNS) this.#varint(counts[column]);
    if (details === null) return;
    this.#varint(details.latency.length);
    for (const [bucket, times] of details.latency) {
      this.#varint(bucket);
      this.#varint(times);
    }
    this.#varint(details.templates.length);
    for (const { id, events, errors, isFresh } of details.templates) {
      for (let at = 0; at < ID_BYTES; at++) this.#byte(Number.parseInt(id.slice(2 * at, 2 * at + 2), 16));
      this.#varint(events * 2 + (isFresh ? 1 : 0));
      this.#varint(errors);
    }
  }

  /** Sources by place as ASCII lines, an empty line, then the seconds; and starts over. */
  take(): Uint8Array {
    // Ids are ASCII.
    const text = `${[...this.#places.keys()].join('\n')}\n\n`;
    const names = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const bytes = new Uint8Array(names.length + this.#length);
    bytes.set(names);
    bytes.set(this.#bytes.subarray(0, this.#length), names.length);
    this.#places.clear();
    this.#length = 0;
    this.#before = 0;
    return bytes;
  }

  /** @throws Error when the bytes are damaged */
  static *read(bytes: Uint8Array): Generator<LoggedSecond> {
    let at = bytes.findIndex((byte, i) => byte === LINE_END && bytes[i + 1] === LINE_END);
    if (at < 0) throw new Error('log of seconds is damaged: it does not name its sources');
    const names = Array.from(bytes.subarray(0, at), (byte) => String.fromCharCode(byte))
      .join('')
      .split('\n');
    at += 2;
    const varint = () => {
      let value = 0;
      for (let scale = 1; ; scale *= 0x80) {
        const byte = bytes[at++];
        if (byte === undefined) throw new Error('log of seconds is damaged: it ends inside a number');
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
      }
    };
    let second = 0;
    while (at < bytes.length) {
      const source = names[varint()];
      if (source === undefined) throw new Error('log of seconds is damaged: a second of an unknown source');
      const step = varint();
      second += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
      const kind = varint();
      if (kind === NOBODY_LOOKED) {
        yield { source, second, counts: null, details: null };
        continue;
      }
      const counts = Object.fromEntries(FRAME_COLUMNS.map((column) => [column, varint()])) as Record<
        FrameColumn,
        number
      >;
      if (kind === COUNTED) {
        yield { source, second, counts, details: null };
        continue;
      }
      const latency = Array.from({ length: varint() }, () => [varint(), varint()] as const);
      const templates = Array.from({ length: varint() }, (): TemplateCount => {
        const id = Array.from(bytes.subarray(at, at + ID_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
        at += ID_BYTES;
        const events = varint();
        return { id, events: Math.floor(events / 2), isFresh: events % 2 === 1, errors: varint() };
      });
      yield { source, second, counts, details: { latency, templates } };
    }
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = value;
  }
}

const LINE_END = 10;
