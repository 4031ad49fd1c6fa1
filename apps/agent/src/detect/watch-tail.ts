/**
 * A source has learnt up to 45 kB, and ten thousand of them every few seconds is more than a database or a heap should carry. So a
 * checkpoint writes what was observed since the last one (a few bytes a source) and the whole state of a source only now and then;
 * the last whole state and the seconds since then give the state again, to the bit.
 */
import { type LoggedSecond, SecondLog } from '@sentinellog/detector';
import type { Checkpoint } from '../pipeline/checkpoint.ts';

/** A source is written whole after so many of its seconds: five minutes of the present. */
const SECONDS_TO_WHOLE = 300;
/** A source whose seconds do not pass any more is written whole after so many checkpoints, so that no tail is kept for ever. */
const TAILS_TO_WHOLE = 120;

/** Tails of failed commits that are kept: an hour of a thousand sources. */
const MOST_RETURNED_BYTES = 64 * 1024 * 1024;

interface Progress {
  /** Seconds since it was written whole. */
  seconds: number;
  /** The first tail that it needs; NaN: none. */
  since: number;
  /** Something other than a second has changed it. */
  isForced: boolean;
}

export class WatchTail {
  #log = new SecondLog();
  /** Of commits that failed, oldest first. */
  #returned: Uint8Array[] = [];
  readonly #sources = new Map<string, Progress>();
  /** Place of the tail that is being written, since the first start. */
  #place = 0;

  observed(logged: LoggedSecond): void {
    this.#log.add(logged);
    const progress = this.#progressOf(logged.source);
    progress.seconds++;
    if (Number.isNaN(progress.since)) progress.since = this.#place;
  }

  /** The state of a source was changed by a person, by a second that is still open, or by a clock that was set back. */
  force(sourceId: string): void {
    const progress = this.#progressOf(sourceId);
    progress.isForced = true;
    if (Number.isNaN(progress.since)) progress.since = this.#place;
  }

  /**
   * What the next checkpoint writes.
   * @param snapshot of the sources that are due: all others follow from the tails
   */
  take(snapshot: (sourceId: string) => Uint8Array | null): Pick<Checkpoint, 'watches' | 'tail'> {
    const place = this.#place++;
    const watches = new Map<string, Uint8Array>();
    for (const [sourceId, progress] of this.#sources) {
      const isDue =
        progress.isForced || progress.seconds >= SECONDS_TO_WHOLE || place - progress.since >= TAILS_TO_WHOLE;
      const body = isDue ? snapshot(sourceId) : null;
      if (body === null) continue;
      watches.set(sourceId, stamped(place, body));
      this.#sources.set(sourceId, { seconds: 0, since: Number.NaN, isForced: false });
    }
    let neededFrom = place + 1;
    for (const { since } of this.#sources.values()) if (since < neededFrom) neededFrom = since;
    const bodies = this.#log.isEmpty ? this.#returned : [...this.#returned, this.#log.take()];
    this.#returned = [];
    return { watches, tail: { place, bodies, neededFrom } };
  }

  /** The commit failed: what it held becomes part of the next one. */
  giveBack({ watches, tail }: Pick<Checkpoint, 'watches' | 'tail'>): void {
    for (const sourceId of watches.keys()) this.force(sourceId);
    this.#returned = [...tail.bodies, ...this.#returned];
    if (this.#returned.reduce((sum, { length }) => sum + length, 0) <= MOST_RETURNED_BYTES) return;
    // A long outage: the states as they stand say the same in less.
    this.#returned = [];
    for (const sourceId of this.#sources.keys()) this.force(sourceId);
  }

  /** Goes on behind the tails that were stored. */
  restore(places: readonly number[], sourceIds: Iterable<string>): void {
    this.#place = Math.max(-1, ...places) + 1;
    const oldest = Math.min(this.#place, ...places);
    // Which of the tails each needs is not known any more: the oldest, until it is written whole.
    for (const sourceId of sourceIds)
      this.#sources.set(sourceId, { seconds: phaseOf(sourceId), since: oldest, isForced: false });
  }

  #progressOf(sourceId: string): Progress {
    let progress = this.#sources.get(sourceId);
    if (progress === undefined) {
      progress = { seconds: phaseOf(sourceId), since: Number.NaN, isForced: false };
      this.#sources.set(sourceId, progress);
    }
    return progress;
  }
}

/** Sources that are met at the same time must not be due at the same time: their ids say when. */
function phaseOf(sourceId: string): number {
  let hash = 0;
  for (const letter of sourceId) hash = (hash * 31 + letter.charCodeAt(0)) % 65_521;
  return hash % SECONDS_TO_WHOLE;
}

const STAMP_BYTES = 8;

/** The state of a source with the place of the last tail that it contains. */
function stamped(place: number, state: Uint8Array): Uint8Array {
  const body = new Uint8Array(STAMP_BYTES + state.length);
  new DataView(body.buffer).setFloat64(0, place, true);
  body.set(state, STAMP_BYTES);
  return body;
}

export function readStamped(body: Uint8Array): { readonly place: number; readonly state: Uint8Array } {
  if (body.length < STAMP_BYTES) throw new Error('state of a source is damaged: it ends before it begins');
  const place = new DataView(body.buffer, body.byteOffset).getFloat64(0, true);
  return { place, state: body.subarray(STAMP_BYTES) };
}
