/** The agent's test of its own detection: once an hour a known past, a known incident, and the answer that must come. */
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ENGINE_VERSION, requiredZ, type SecondDetails } from '@sentinellog/detector';
import {
  type Anomaly,
  CANARY_TRIALS,
  type CanaryReport,
  type CanaryTrial,
  type Direction,
  MINUTE_SERIES,
  SENSITIVITIES,
  SENSITIVITY_SIGMA,
  type SeriesName,
  SIGNALS,
  uuidv7,
} from '@sentinellog/shared';
import { secondDetailsOf } from './closed-details.ts';
import { Detect } from './detect/detect.ts';
import { Tally } from './tally/tally.ts';

export const CANARY_DETECTOR = 'canary';
const TENANT = '__canary__';
const MINUTE = 60;
const HOUR = 3600;
/** Long enough for the slowest detector to have settled: a hundred buckets of five minutes. */
const LONG_PAST = 9 * HOUR;
const SHORT_PAST = 40 * MINUTE;
/** Wrong answers of the canary are the agent's own incident, whatever else is quiet. */
const WRONG_SIGMA = SENSITIVITY_SIGMA.low;
/** A second that was over a minute before its source's shipper could still be late for it. */
const STALLED_AFTER_SECONDS = 300;

/** Times the rate after four hours: half as much again as what low (5σ) needs. */
const RAMP = 12;

/** What one line of a trial says beside its time and its level. */
interface Said {
  readonly message: string;
  readonly duration_ms: number;
  readonly level?: 'warn';
  readonly note?: string;
}

/** A signal, a series of minutes, or any template: which one is the miner's to say. */
type Finds = (typeof SIGNALS)[number] | (typeof MINUTE_SERIES)[number] | 'template';

interface Trial {
  /** Lines a second before it, spread evenly, and how many of a hundred are errors. */
  readonly rate: number;
  readonly past: number;
  /** Seconds that it lasts. */
  readonly lasts: number;
  /** Factor of the rate `after` seconds into it. */
  readonly factor: (after: number) => number;
  readonly errorPercent: (isOn: boolean) => number;
  /** What the nth line says. Absent: one message and no durations, and detectors are told of counts alone. */
  readonly says?: (nth: number, isOn: boolean, isError: boolean) => Said;
  /** What must be found; null: nothing at all. */
  readonly wanted: { readonly detector: string; readonly signal: Finds; readonly direction: Direction } | null;
}

const USUAL_MESSAGES = [
  'request served',
  'cache of the front page was refreshed',
  'checkout: order placed for a guest',
  'user signed in',
];
const NEW_ERRORS = [
  'connection refused by upstream',
  'deadline exceeded while reading the reply of a shard',
  'invalid state: transaction was rolled back already',
  'certificate has expired',
  'too many open files',
  'cannot parse response body as JSON',
  'lock wait timeout; try restarting transaction',
  'no space left on device',
];

/** Four messages and answers of 20 to 60 ms, in a round without chance. */
function usually(nth: number): Said {
  return { message: USUAL_MESSAGES[nth % USUAL_MESSAGES.length], duration_ms: 20 + ((nth * 7) % 41) };
}

const steady = { rate: 10, past: SHORT_PAST, errorPercent: () => 1 };
const seasonal = 'seasonal_z_score';

/** Every detector of the registry has a trial that only it can pass (canary.test.ts holds them together). */
export const TRIALS: Readonly<Record<CanaryTrial, Trial>> = {
  calm: { ...steady, lasts: 10 * MINUTE, factor: () => 1, wanted: null },
  bump: {
    ...steady,
    lasts: 3 * MINUTE,
    factor: () => 5,
    wanted: { detector: seasonal, signal: 'volume', direction: 'high' },
  },
  dip: {
    ...steady,
    lasts: 10 * MINUTE,
    factor: () => 0.2,
    wanted: { detector: seasonal, signal: 'volume', direction: 'low' },
  },
  // A line every twenty seconds: no window holds enough of them to miss.
  silence: {
    ...steady,
    rate: 0.05,
    past: 3 * HOUR,
    lasts: 40 * MINUTE,
    factor: () => 0,
    errorPercent: () => 0,
    wanted: { detector: 'silence', signal: 'volume', direction: 'low' },
  },
  errors: {
    ...steady,
    lasts: 5 * MINUTE,
    factor: () => 1,
    errorPercent: (isOn) => (isOn ? 40 : 1),
    wanted: { detector: seasonal, signal: 'error_rate', direction: 'high' },
  },
  // So slow that the level follows: only the comparison with the usual level sees it.
  ramp: {
    ...steady,
    rate: 2,
    past: LONG_PAST,
    lasts: 4 * HOUR,
    factor: (after) => RAMP ** (after / (4 * HOUR)),
    errorPercent: () => 0,
    wanted: { detector: 'self_calibrating', signal: 'volume', direction: 'high' },
  },
  slow_answers: {
    ...steady,
    lasts: 6 * MINUTE,
    factor: () => 1,
    says: (nth, isOn) => ({ ...usually(nth), duration_ms: usually(nth).duration_ms * (isOn ? 8 : 1) }),
    wanted: { detector: 'slow_minutes', signal: 'latency_p99', direction: 'high' },
  },
  // As many errors as ever, but of kinds that it never had: new ones count after an hour.
  new_errors: {
    ...steady,
    rate: 2,
    past: 80 * MINUTE,
    lasts: 4 * MINUTE,
    factor: () => 1,
    errorPercent: () => 20,
    says: (nth, isOn, isError) => {
      const error = isOn ? NEW_ERRORS[nth % NEW_ERRORS.length] : 'payment was declined';
      return isError ? { ...usually(nth), message: error } : usually(nth);
    },
    wanted: { detector: 'new_templates', signal: 'new_templates', direction: 'high' },
  },
  // One message of ten becomes seven of ten; as many lines as ever.
  message_flood: {
    ...steady,
    rate: 4,
    past: 100 * MINUTE,
    lasts: 15 * MINUTE,
    factor: () => 1,
    says: (nth, isOn) =>
      nth % 10 < (isOn ? 7 : 1) ? { ...usually(nth), message: 'retrying: upstream was busy' } : usually(nth),
    wanted: { detector: 'template_frequency', signal: 'template', direction: 'high' },
  },
  // Nothing by itself: warnings, long lines, and answers somewhat slower than ever, all at once.
  odd_minutes: {
    ...steady,
    rate: 1,
    past: LONG_PAST,
    lasts: 15 * MINUTE,
    factor: () => 1,
    errorPercent: () => 0,
    says: (nth, isOn) => {
      const { message, duration_ms } = usually(nth);
      return isOn
        ? { message, duration_ms: duration_ms * 1.4, level: 'warn', note: 'retry '.repeat(300) }
        : { message, duration_ms };
    },
    wanted: { detector: 'isolation_forest', signal: 'score:isolation_forest', direction: 'high' },
  },
};

export interface CanaryParts {
  readonly agentId: string;
  readonly agentName: string;
  readonly startedMs: number;
  /** Publishes, signs and stores an anomaly about the agent. */
  readonly raise: (anomaly: Anomaly) => void;
  /** What an earlier run of the agent left open. */
  readonly open: Anomaly | null;
  /** The sources whose clock should pass. */
  readonly liveSources: () => readonly { readonly service: string; readonly closedThrough: number }[];
  readonly now: () => number;
}

/**
 * Runs known trials through a tally and a detect stage of their own: the very classes and the registry that logs go through, beside the
 * users' sources and in none of their counts. What it gets wrong is raised as an anomaly about the agent, with "blind since".
 */
export class Canary {
  readonly #parts: CanaryParts;
  #report: CanaryReport = { state: 'not_run', ran_at_ms: null, blind_since_ms: null, trials: [], stalled: null };
  #knownGoodMs: number;
  #open: Anomaly | null;
  #running: Promise<CanaryReport> | null = null;

  constructor(parts: CanaryParts) {
    this.#parts = parts;
    this.#knownGoodMs = parts.startedMs;
    this.#open = parts.open;
  }

  get report(): CanaryReport {
    return this.#report;
  }

  /** All trials at all sensitivities; whoever asks meanwhile gets the same run. */
  run(): Promise<CanaryReport> {
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  async #run(): Promise<CanaryReport> {
    const trials: CanaryReport['trials'] = [];
    for (const trial of CANARY_TRIALS) trials.push(...(await runTrial(trial)));
    this.#conclude(trials, this.#stalled());
    return this.#report;
  }

  /** Between runs: whether seconds of live sources close at all. */
  look(): void {
    const stalled = this.#stalled();
    if (stalled !== this.#report.stalled) this.#conclude(this.#report.trials, stalled);
  }

  #stalled(): string | null {
    const oldest = this.#parts.now() / 1000 - STALLED_AFTER_SECONDS;
    const stalled = this.#parts.liveSources().filter(({ closedThrough }) => closedThrough < oldest);
    return stalled.length === 0 ? null : `${stalled.length} live sources have had no second closed for five minutes`;
  }

  #conclude(trials: CanaryReport['trials'], stalled: string | null): void {
    const atMs = this.#parts.now();
    const wrong = trials.filter(({ ok }) => !ok);
    const isBlind = wrong.length > 0 || stalled !== null;
    const since = isBlind ? (this.#report.blind_since_ms ?? this.#knownGoodMs) : null;
    if (!isBlind) this.#knownGoodMs = atMs;
    this.#report = {
      state: isBlind ? 'blind' : 'ok',
      ran_at_ms: atMs,
      blind_since_ms: since,
      trials: [...trials],
      stalled,
    };
    if (since === null) this.#end(atMs);
    else this.#raise(since, wrong, stalled, atMs);
  }

  #end(atMs: number): void {
    if (!this.#open) return;
    this.#parts.raise({ ...this.#open, state: 'recovered', last_outside_ms: atMs, ended_at_ms: atMs });
    this.#open = null;
  }

  #raise(sinceMs: number, wrong: CanaryReport['trials'], stalled: string | null, atMs: number): void {
    const { agentId, agentName, raise } = this.#parts;
    const count = wrong.length + (stalled === null ? 0 : 1);
    const seconds = Math.max(1, Math.round((atMs - sinceMs) / 1000));
    const start = Math.floor(sinceMs / 1000);
    // One wrong answer is five σ by definition: there is no chance in a trial.
    const threshold = requiredZ(WRONG_SIGMA, seconds);
    const identity = createHash('sha256').update([agentId, CANARY_DETECTOR, sinceMs].join('\0')).digest();
    const about = { source_id: agentId, service: agentName, signal: 'volume', detector: CANARY_DETECTOR } as const;
    const severity = 'P1';
    this.#open = {
      ...about,
      event_id: this.#open?.event_id ?? uuidv7(sinceMs, identity),
      direction: 'high',
      state: 'open',
      severity,
      deviation_score: WRONG_SIGMA,
      started_at_ms: this.#open?.started_at_ms ?? sinceMs,
      last_outside_ms: atMs,
      ended_at_ms: null,
      detected_at_ms: this.#open?.detected_at_ms ?? atMs,
      observed: count,
      expected: 0,
      reason: reasonOf(sinceMs, wrong, stalled),
      raw_data_sample: [],
      receipt: {
        ...about,
        version: 1,
        engine: ENGINE_VERSION,
        window_start: start,
        window_seconds: seconds,
        value: count,
        events: count,
        mean: 0,
        stddev: count / threshold,
        n: 0,
        slot: 'recent',
        time_zone: 'UTC',
        z: count / (count / threshold),
        sensitivity: 'low',
        sigma: WRONG_SIGMA,
        threshold,
        sample_hashes: [],
        excluded: [],
        score: WRONG_SIGMA,
        severity,
      },
    };
    raise(this.#open);
  }
}

function reasonOf(sinceMs: number, wrong: CanaryReport['trials'], stalled: string | null): string {
  const failed = [...new Set(wrong.map(({ trial, found }) => `${trial} (${found})`))];
  const trials = failed.length === 0 ? [] : [`trials of detection fail: ${failed.join(', ')}`];
  return `blind since ${new Date(sinceMs).toISOString()}: ${[...trials, ...(stalled === null ? [] : [stalled])].join('; ')}`;
}

/** One trial at every sensitivity, in an event time of its own. Gives way to other work once a minute of it. */
async function runTrial(name: CanaryTrial): Promise<CanaryReport['trials']> {
  const trial = TRIALS[name];
  // A Tuesday noon long past; any instant does.
  const start = Date.UTC(2026, 0, 6, 12) / 1000;
  const onset = start + trial.past;
  const runs = SENSITIVITIES.map((sensitivity) => {
    const found: Anomaly[] = [];
    const detect = new Detect({
      now: () => onset * 1000,
      settingsOf: () => ({ sensitivity, time_zone: 'UTC' }),
      rulingsOf: () => [],
      seal: (receipt) => receipt,
      samples: () => Promise.resolve([]),
      onAnomaly: (anomaly) => void found.push(anomaly),
    });
    return { sensitivity, found, detect };
  });
  let details: SecondDetails | null = null;
  const tally = new Tally({
    maxSourcesPerTenant: 1,
    isBlind: () => false,
    onSource: () => undefined,
    ...(trial.says && { onDetailsClosed: (_source, _second, closed) => void (details = secondDetailsOf(closed)) }),
    onClosed: (source, second, counts) => {
      for (const { detect } of runs) detect.frameClosed(source, second, counts, details);
      details = null;
    },
  });
  for (let minute = start; minute < onset + trial.lasts; minute += MINUTE) {
    // The past is loaded as history; the trial, and some minutes before it, are spoken in the present.
    const isPast = minute < onset - 5 * MINUTE;
    for (let second = minute; second < minute + MINUTE; second++) {
      const lines = linesOf(name, trial, second, onset);
      const receivedAtMs = (isPast ? second + HOUR : second + 1) * 1000;
      if (lines.length > 0) {
        const meta = { receivedAtMs, tenant: TENANT, pinnedService: `canary-${name}`, format: 'json' } as const;
        tally.apply(tally.scan(meta, Buffer.from(lines)), 0);
      }
      if (!isPast) tally.tick(receivedAtMs);
    }
    for (const { detect } of runs) detect.takeCheckpointPart();
    await nextTurn();
  }
  return runs.map(({ sensitivity, found }) => judge(name, sensitivity, found));
}

/** The lines of a second: as many as the rate has come to since the one before, so evenly that there is no chance in them. */
function linesOf(
  name: CanaryTrial,
  { rate, factor, errorPercent, says }: Trial,
  second: number,
  onset: number,
): string {
  const after = second - onset;
  const isOn = after >= 0;
  const now = rate * (isOn ? factor(after) : 1);
  const before = Math.floor(second * now);
  const count = Math.floor((second + 1) * now) - before;
  let lines = '';
  for (let line = 0; line < count; line++) {
    const isError = (second * 37 + line * 11) % 100 < errorPercent(isOn);
    const said = says?.(before + line, isOn, isError) ?? { message: `canary ${name}: request served` };
    lines += `${JSON.stringify({ timestamp: second * 1000, level: 'info', ...said, ...(isError && { level: 'error' }) })}\n`;
  }
  return lines;
}

function judge(
  trial: CanaryTrial,
  sensitivity: (typeof SENSITIVITIES)[number],
  anomalies: readonly Anomaly[],
): CanaryReport['trials'][number] {
  const { wanted } = TRIALS[trial];
  const told = anomalies.filter(({ state }) => state !== 'withdrawn' && state !== 'early');
  const found = [...new Set(told.map((one) => `${findsOf(one.signal)} ${one.direction} by ${one.detector}`))];
  const expected = wanted ? `${wanted.signal} ${wanted.direction} by ${wanted.detector}` : 'nothing';
  return {
    trial,
    sigma: SENSITIVITY_SIGMA[sensitivity],
    expected,
    found: found.join(', ') || 'nothing',
    ok: wanted ? found.includes(expected) && found.every((each) => each.startsWith(wanted.signal)) : found.length === 0,
  };
}

function findsOf(series: SeriesName): string {
  return series.startsWith('template:') ? 'template' : series;
}
