import type { LineBatch } from './line-batch.ts';
import { LineWriter } from './line-writer.ts';
import { Variables } from './messages/variables.ts';
import { Sfc32 } from './random.ts';
import type { Effect } from './scenarios.ts';
import { SERVICE_NAMES } from './services.ts';
import type { TrafficModel } from './traffic-model.ts';

const LINES = 0x5eed_0400;
/** An event of the second at hand packed into a number that sorts by time: millisecond, service, whether it is an error. */
const SERVICE_BITS = 8;
/** An hour of seconds is planned in some 15 ms: at a very low rate, too, writing into a batch must not hold up everything else. */
const MOST_SECONDS_AT_ONCE = 3600;

/**
 * All services' lines in order of time, one continuous cursor: what was written up to one moment is followed by what comes
 * after it, whether that lies in the past (history, as fast as it can be made) or is being waited for (live).
 */
export class EventStream {
  readonly #model: TrafficModel;
  readonly #seed: number;
  readonly #random = new Sfc32();
  readonly #writer: LineWriter;
  readonly #effects: Effect[] = [];
  #slots = new Uint32Array(256);
  #slotCount = 0;
  #nextSlot = 0;
  /** The second whose slots are planned. */
  #second: number;

  constructor(model: TrafficModel, seed: number, fromSecond: number) {
    this.#model = model;
    this.#seed = seed;
    this.#second = fromSecond - 1;
    this.#writer = new LineWriter(this.#random, new Variables(this.#random));
  }

  /** The second that the next line falls in, or the last that was planned. */
  get second(): number {
    return this.#second;
  }

  /** Adds the lines of moments before `dueMs` that are not written yet; `more` when not all of them had room. */
  writeInto(batch: LineBatch, dueMs: number): 'more' | 'caught_up' {
    const lastSecond = this.#second + MOST_SECONDS_AT_ONCE;
    for (;;) {
      while (this.#nextSlot < this.#slotCount) {
        const slot = this.#slots[this.#nextSlot];
        const timeMs = this.#second * 1000 + (slot >>> SERVICE_BITS);
        if (timeMs >= dueMs) return 'caught_up';
        if (batch.isFull) return 'more';
        const index = (slot >>> 1) & ((1 << (SERVICE_BITS - 1)) - 1);
        const [service, effect] = [SERVICE_NAMES[index], this.#effects[index]];
        batch.add(this.#writer.line({ service, timeMs, isError: (slot & 1) === 1, effect }));
        this.#nextSlot++;
      }
      if ((this.#second + 1) * 1000 >= dueMs) return 'caught_up';
      if (this.#second === lastSecond) return 'more';
      this.#plan(this.#second + 1);
    }
  }

  #plan(second: number): void {
    this.#second = second;
    this.#random.reseed(this.#seed, LINES, second);
    this.#slotCount = 0;
    this.#nextSlot = 0;
    for (const [index, service] of SERVICE_NAMES.entries()) {
      const { events, errors, effect } = this.#model.countsAt(service, second);
      this.#effects[index] = effect;
      for (let i = 0; i < events; i++) {
        const ms = Math.floor(this.#random.next() * 1000);
        this.#addSlot((ms << SERVICE_BITS) | (index << 1) | (i < errors ? 1 : 0));
      }
    }
    this.#slots.subarray(0, this.#slotCount).sort();
  }

  #addSlot(slot: number): void {
    if (this.#slotCount === this.#slots.length) {
      const larger = new Uint32Array(this.#slots.length * 2);
      larger.set(this.#slots);
      this.#slots = larger;
    }
    this.#slots[this.#slotCount++] = slot;
  }
}
