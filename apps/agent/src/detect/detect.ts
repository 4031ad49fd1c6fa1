/** The stage between frames and people: keeps a watch per source, and turns what the watches notice into anomalies. */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ExplainedSlot,
  expectationOver,
  type FrameCounts,
  type LoggedSecond,
  isTimeZone,
  type Ruling,
  type SecondDetails,
  SecondLog,
  type SeriesEvent,
  SourceWatch,
  type WatchSettings,
} from '@sentinellog/detector';
import {
  type Anomaly,
  type Beat,
  type DrawnSignal,
  latencyBand,
  errorsOf,
  eventsOf,
  type Receipt,
  RequestError,
  type SampleLine,
  type Sensitivity,
  type SeriesName,
  type Signal,
  type Source,
  type Verdict,
} from '@sentinellog/shared';
import type { Checkpoint, RestoredState } from '../pipeline/checkpoint.ts';
import { onsetOf, openAnomaly, worstOf } from './anomaly-of.ts';
import { ExpectedLog } from './expected-log.ts';
import { SampleDesk } from './sample-desk.ts';
import { readStamped, WatchTail } from './watch-tail.ts';

export interface DetectSource {
  readonly sourceId: string;
  readonly tenant: string;
  readonly service: string;
}

export interface DetectOptions {
  /** Milliseconds since the epoch: only for `detected_at_ms`. */
  readonly now: () => number;
  readonly settingsOf: (sourceId: string) => {
    readonly sensitivity: Sensitivity;
    readonly sigma?: number | null | undefined;
    readonly time_zone: string;
  };
  /** What people have said about the past of a source. */
  readonly rulingsOf: (sourceId: string) => readonly Ruling[];
  /** Signs a receipt. */
  readonly seal: (receipt: Receipt) => Receipt;
  /** Lines of a stretch of event time (unix seconds, from ≤ t < to); at most a handful. */
  readonly samples: (
    source: DetectSource,
    fromSecond: number,
    toSecond: number,
    prefer: 'errors' | 'any',
  ) => Promise<readonly SampleLine[]>;
  /** Called with every new anomaly and every change of one, in order. */
  readonly onAnomaly: (anomaly: Anomaly) => void;
}

export type DetectPart = Pick<Checkpoint, 'watches' | 'tail' | 'expected' | 'latency' | 'anomalies'>;

const MINUTE = 60;
const FALLBACK_ZONE = 'UTC';
/** The minute after the measured one, and what it takes until that has closed. */
const LATENCY_STANDS_SECONDS = 150;
/** Beside the window itself: what led to it is often in the seconds before. */
const SAMPLE_SECONDS_BEFORE = 2;

/** Some ten milliseconds. */
const OBSERVED_A_TURN = 4000;

/** Two hours: far longer than a replay may take. */
const MOST_TAPPED = 7200;

export type ClosedSecond = readonly [second: number, counts: FrameCounts | null];

interface Watched {
  readonly source: DetectSource;
  readonly watch: SourceWatch;
  /** The anomaly of each series that is not over. */
  readonly open: Map<SeriesName, Anomaly>;
  minute: number;
}

export class Detect {
  readonly #options: DetectOptions;
  readonly #watched = new Map<string, Watched>();
  /** While a start reads what was stored: the last tail that each whole state contains. */
  readonly #places = new Map<string, number>();
  /** What `catchUp` has still to do. */
  #behind: Required<Pick<RestoredState, 'tails' | 'openAnomalies'>> | null = null;
  readonly #tail = new WatchTail();
  readonly #changedAnomalies = new Map<string, Anomaly>();
  readonly #expected = new ExpectedLog();
  readonly #samples = new SampleDesk();
  /** Seconds that closed while a source is being taught anew. */
  readonly #taps = new Map<string, ClosedSecond[]>();
  #raised = 0;
  #unreadable = 0;

  constructor(options: DetectOptions) {
    this.#options = options;
  }

  /** Anomalies raised since the start; withdrawn ones count. */
  get raised(): number {
    return this.#raised;
  }

  /** What was given up, by reason. */
  get dropped(): Readonly<Record<string, number>> {
    const { busy, timeout, failed } = this.#samples.lost;
    return {
      expected_minutes: this.#expected.dropped,
      unreadable_states: this.#unreadable,
      samples_busy: busy,
      samples_timeout: timeout,
      samples_failed: failed,
    };
  }

  /** A second has closed: every second of a source once and in order; null where nobody was looking. */
  frameClosed(
    source: DetectSource,
    second: number,
    counts: FrameCounts | null,
    details: SecondDetails | null = null,
  ): void {
    const watched = this.#watchedFor(source);
    if (second <= watched.watch.lastSecond) this.#setBack(watched);
    const events = watched.watch.observe(second, counts, details);
    this.#tail.observed({ source: source.sourceId, second, counts, details });
    const tapped = this.#taps.get(source.sourceId);
    if (tapped && tapped.length <= MOST_TAPPED) tapped.push([second, counts]);
    const minute = Math.floor(second / MINUTE) * MINUTE;
    if (minute !== watched.minute) {
      watched.minute = minute;
      this.#expected.note(source.sourceId, watched.watch, minute);
    }
    for (const event of events) this.#apply(watched, event);
  }

  /**
   * Keeps the seconds of a source that close from here on, until `untap`.
   *
   * @returns reads them; RequestError('overloaded') when there were too many
   */
  tap(sourceId: string): () => readonly ClosedSecond[] {
    if (this.#taps.has(sourceId)) throw new RequestError('overloaded', 'the source is being taught anew already');
    const seconds: ClosedSecond[] = [];
    this.#taps.set(sourceId, seconds);
    return () => {
      if (seconds.length > MOST_TAPPED)
        throw new RequestError('overloaded', 'too much has come in meanwhile: try again when the backfill is through');
      return seconds;
    };
  }

  untap(sourceId: string): void {
    this.#taps.delete(sourceId);
  }

  /** Counts so far of a second that has not closed. */
  peekOpen(source: DetectSource, second: number, counts: FrameCounts): void {
    const watched = this.#watchedFor(source);
    for (const event of watched.watch.peek(second, counts)) {
      this.#tail.force(source.sourceId);
      this.#apply(watched, event);
    }
  }

  /** One second as the stream shows it: its value, and the baseline that it is scored against. */
  beatFor(source: DetectSource, second: number, signal: DrawnSignal, counts: FrameCounts | null): Beat {
    if (signal === 'latency_p99') return this.#latencyBeat(source.sourceId, second, counts);
    const expected = this.#watched.get(source.sourceId)?.watch.expected(signal) ?? null;
    const events = counts ? eventsOf(counts) : 0;
    const beat = { source_id: source.sourceId, t: second, value: counts ? VALUE[signal](counts, events) : null };
    if (!expected) return { ...beat, mean: null, lower: null, upper: null };
    // An error rate of a second without events has a mean but no spread of its own: one event's is shown.
    const { mean, stddev } = expectationOver(signal, expected, 1, events);
    return {
      ...beat,
      mean,
      lower: Math.max(0, mean - expected.sigma * stddev),
      upper: mean + expected.sigma * stddev,
    };
  }

  /** Durations make a p99 minute by minute: the newest stands until the next is known. */
  #latencyBeat(sourceId: string, second: number, counts: FrameCounts | null): Beat {
    const latency = this.#watched.get(sourceId)?.watch.latency() ?? null;
    const isCurrent = latency !== null && counts !== null && second < latency.end + LATENCY_STANDS_SECONDS;
    if (!isCurrent) return { source_id: sourceId, t: second, value: null, mean: null, lower: null, upper: null };
    return { source_id: sourceId, t: second, value: latency.value, ...latencyBand(latency) };
  }

  learnt(sourceId: string): Pick<Source, 'learning' | 'learnt_hours'> {
    const learnt = this.#watched.get(sourceId)?.watch.learnt();
    return learnt ? { learning: learnt.state, learnt_hours: learnt.hours } : { learning: 'learning', learnt_hours: 0 };
  }

  /** A person changed the settings of a source: they count from the next second on. */
  configure(sourceId: string): void {
    const watched = this.#watched.get(sourceId);
    if (!watched) return;
    watched.watch.configure(this.settingsFor(sourceId));
    this.#tail.force(sourceId);
  }

  /** A person has judged an anomaly that may still be open: it carries the verdict from here on. */
  judged(judged: Anomaly, verdict: Verdict | null): Anomaly {
    const open = this.#watched.get(judged.source_id)?.open;
    const current = open?.get(judged.signal);
    const anomaly: Anomaly = { ...(current?.event_id === judged.event_id ? current : judged), verdict };
    if (current?.event_id === judged.event_id) open?.set(judged.signal, anomaly);
    this.#publish(anomaly);
    return anomaly;
  }

  /** An anomaly that no series of a source has: the agent's word about itself. */
  raise(anomaly: Anomaly): void {
    if (anomaly.ended_at_ms === null) this.#raised++;
    this.#publish(this.#sealed(anomaly));
  }

  /** Which past buckets the expectation at an instant rests on; null for a source that is not known. */
  explain(sourceId: string, signal: Signal, second: number): ExplainedSlot | null {
    return this.#watched.get(sourceId)?.watch.explain(signal, second) ?? null;
  }

  /** What a source has learnt so far, as it would be saved; null for a source that is not known. */
  stateOf(sourceId: string): { readonly state: Uint8Array; readonly watch: SourceWatch } | null {
    const watch = this.#watched.get(sourceId)?.watch;
    return watch ? { state: watch.snapshot(), watch } : null;
  }

  /**
   * Goes on from another state; what was open ends. False: there is no such source.
   *
   * @throws Error when this build does not read the state
   */
  replace(sourceId: string, state: Uint8Array): boolean {
    const watched = this.#watched.get(sourceId);
    if (!watched) return false;
    const watch = SourceWatch.restore(state, this.settingsFor(sourceId));
    for (const anomaly of watched.open.values())
      this.#publish({ ...anomaly, state: 'recovered', ended_at_ms: anomaly.last_outside_ms });
    watch.forgetAnomalies();
    this.#watched.set(sourceId, { ...watched, watch, open: new Map() });
    this.#tail.force(sourceId);
    return true;
  }

  /** What changed since the last call, taken in one step; `giveBack` if it could not be committed. */
  takeCheckpointPart(): DetectPart {
    // A state that is behind must not be taken for the last one.
    const isBehind = this.#behind !== null;
    const part = this.#tail.take((sourceId) =>
      isBehind ? null : (this.#watched.get(sourceId)?.watch.snapshot() ?? null),
    );
    const anomalies = [...this.#changedAnomalies.values()];
    this.#changedAnomalies.clear();
    return { ...part, ...this.#expected.take(), anomalies };
  }

  giveBack({ watches, tail, expected, latency = [], anomalies }: DetectPart): void {
    this.#tail.giveBack({ watches, tail });
    this.#expected.giveBack({ expected, latency });
    for (const anomaly of anomalies) {
      // What changed meanwhile is newer.
      if (!this.#changedAnomalies.has(anomaly.event_id)) this.#changedAnomalies.set(anomaly.event_id, anomaly);
    }
  }

  /** Watches come to life with their sources; an unreadable one learns anew, and is counted. `catchUp` must follow. */
  restore({
    sources,
    watches,
    tails = [],
    openAnomalies,
  }: Pick<RestoredState, 'sources' | 'watches' | 'tails' | 'openAnomalies'>): void {
    for (const source of sources) this.#watched.set(source.sourceId, this.#begun(source, watches.get(source.sourceId)));
    this.#tail.restore(
      tails.map(({ place }) => place),
      this.#watched.keys(),
    );
    this.#behind = { tails, openAnomalies };
  }

  /**
   * Before the first frame: observes again what the whole states do not contain, minutes of every source. Everybody
   * else has turns meanwhile; of ten thousand sources it takes seconds.
   */
  async catchUp(): Promise<void> {
    if (this.#behind === null) return;
    const { tails, openAnomalies } = this.#behind;
    for (const { place, body } of tails) await this.#observeAgain(place, body);
    this.#places.clear();
    const restored = Map.groupBy(openAnomalies, ({ source_id }) => source_id);
    for (const watched of this.#watched.values()) this.#goOnWith(watched, restored.get(watched.source.sourceId) ?? []);
    this.#behind = null;
  }

  #watchedFor(source: DetectSource): Watched {
    const known = this.#watched.get(source.sourceId);
    if (known) return known;
    const watched = this.#begun(source, undefined);
    this.#watched.set(source.sourceId, watched);
    return watched;
  }

  #begun(source: DetectSource, bytes: Uint8Array | undefined): Watched {
    const settings = this.settingsFor(source.sourceId);
    const watch = (bytes && this.#readWatch(source.sourceId, bytes, settings)) ?? new SourceWatch(settings);
    return { source, watch, open: new Map(), minute: Number.NaN };
  }

  #readWatch(sourceId: string, bytes: Uint8Array, settings: WatchSettings): SourceWatch | undefined {
    try {
      const { place, state } = readStamped(bytes);
      const watch = SourceWatch.restore(state, settings);
      this.#places.set(sourceId, place);
      return watch;
    } catch {
      this.#unreadable++;
      return undefined;
    }
  }

  /** Seconds that whole states do not contain. What they brought about was published, and stored, when they closed. */
  async #observeAgain(place: number, body: Uint8Array): Promise<void> {
    let observed = 0;
    try {
      for (const logged of SecondLog.read(body)) {
        this.#observeOneAgain(place, logged);
        if (++observed % OBSERVED_A_TURN === 0) await nextTurn();
      }
    } catch {
      this.#unreadable++;
    }
  }

  #observeOneAgain(place: number, { source, second, counts, details }: LoggedSecond): void {
    const watched = this.#watched.get(source);
    // Of a commit that was done though its answer was lost, the seconds come twice.
    if (watched === undefined || place <= (this.#places.get(source) ?? -1) || second <= watched.watch.lastSecond)
      return;
    watched.watch.observe(second, counts, details);
    watched.minute = Math.floor(second / MINUTE) * MINUTE;
  }

  #goOnWith({ watch, open }: Watched, anomalies: readonly Anomaly[]): void {
    for (const anomaly of anomalies) {
      // Rules keep their own.
      if (anomaly.signal.startsWith('rule:')) continue;
      if (watch.hasAnomaly(anomaly.signal)) open.set(anomaly.signal, anomaly);
      // Its watch is lost: nobody would ever end it.
      else this.#publish({ ...anomaly, state: 'recovered', ended_at_ms: anomaly.last_outside_ms });
    }
  }

  /** What a source's watch runs with. */
  settingsFor(sourceId: string): Required<WatchSettings> {
    const { sensitivity, sigma = null, time_zone } = this.#options.settingsOf(sourceId);
    const rulings = this.#options.rulingsOf(sourceId);
    return { sensitivity, sigma, rulings, timeZone: isTimeZone(time_zone) ? time_zone : FALLBACK_ZONE };
  }

  #apply(watched: Watched, event: SeriesEvent): void {
    const { source, open } = watched;
    const known = open.get(event.signal);
    switch (event.type) {
      case 'early':
      case 'opened': {
        const state = event.type === 'early' ? 'early' : 'open';
        const anomaly = this.#sealed({
          ...openAnomaly(source, event, state, this.#options.now()),
          ...onsetOf(event),
        });
        this.#raised++;
        this.#change(watched, anomaly);
        if (event.type === 'opened') this.#askForSamples(watched, anomaly);
        return;
      }
      case 'confirmed':
      case 'worsened': {
        // A watch that was restored without its anomaly goes on without one.
        if (!known) return;
        const anomaly: Anomaly = {
          ...known,
          ...worstOf(source, event.finding, event.evidence),
          ...onsetOf(event),
          state: 'open',
          detector: event.finding.detector,
        };
        // Lines found for a milder window stay until there are others.
        anomaly.receipt = { ...anomaly.receipt, sample_hashes: known.receipt.sample_hashes };
        this.#change(watched, this.#sealed(anomaly));
        if (event.type === 'confirmed') this.#askForSamples(watched, anomaly);
        return;
      }
      case 'withdrawn':
        if (known) this.#end(watched, { ...known, state: 'withdrawn', ended_at_ms: event.atSecond * 1000 });
        return;
      case 'recovered': {
        if (!known) return;
        const lastOutsideMs = event.lastOutside * 1000;
        this.#end(watched, {
          ...known,
          state: 'recovered',
          last_outside_ms: lastOutsideMs,
          ended_at_ms: lastOutsideMs,
        });
        return;
      }
    }
  }

  #change(watched: Watched, anomaly: Anomaly): void {
    watched.open.set(anomaly.signal, anomaly);
    this.#publish(anomaly);
  }

  #end(watched: Watched, anomaly: Anomaly): void {
    watched.open.delete(anomaly.signal);
    this.#publish(anomaly);
  }

  /** The agent's clock had run ahead: what was seen there is learnt, but its time starts over. */
  #setBack({ source, open, watch }: Watched): void {
    for (const anomaly of open.values())
      this.#publish({ ...anomaly, state: 'recovered', ended_at_ms: anomaly.last_outside_ms });
    open.clear();
    watch.setBack();
    this.#tail.force(source.sourceId);
  }

  #sealed(anomaly: Anomaly): Anomaly {
    return { ...anomaly, receipt: this.#options.seal(anomaly.receipt) };
  }

  #publish(anomaly: Anomaly): void {
    this.#changedAnomalies.set(anomaly.event_id, anomaly);
    this.#options.onAnomaly(anomaly);
  }

  #askForSamples(watched: Watched, { signal, direction, event_id, receipt }: Anomaly): void {
    const from = receipt.window_start - SAMPLE_SECONDS_BEFORE;
    const to = receipt.window_start + receipt.window_seconds;
    // Of silence there are no lines to show.
    if (direction === 'low' && receipt.value === 0) return;
    this.#samples.ask({
      read: () =>
        this.#options.samples(
          watched.source,
          from,
          to,
          signal === 'error_rate' || signal === 'new_templates' ? 'errors' : 'any',
        ),
      deliver: (lines) => {
        const current = watched.open.get(signal);
        if (current?.event_id !== event_id || lines.length === 0) return;
        const sample_hashes = lines.map(({ message }) => createHash('sha256').update(message).digest('hex'));
        this.#change(watched, {
          ...current,
          raw_data_sample: [...lines],
          receipt: this.#options.seal({ ...current.receipt, sample_hashes }),
        });
      },
    });
  }
}

const VALUE: Readonly<Record<Signal, (counts: FrameCounts, events: number) => number | null>> = {
  volume: (_counts, events) => events,
  error_rate: (counts, events) => (events === 0 ? null : errorsOf(counts) / events),
};
