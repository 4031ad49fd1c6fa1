import { EventStream } from './event-stream.ts';
import { eventClock, type Pace } from './event-clock.ts';
import { IngestClient } from './ingest-client.ts';
import { LineBatch } from './line-batch.ts';
import { Sfc32 } from './random.ts';
import { type PlannedScenario, ScenarioSchedule } from './scenario-schedule.ts';
import type { ScenarioName } from './scenarios.ts';
import { SimulationError } from './simulation-error.ts';
import { TrafficModel } from './traffic-model.ts';

/** 4 MiB is some 16,000 lines, twelve minutes at rate 1: the leap to the present (below) has room up to rate 8. */
const BATCH_BYTES = 4 << 20;
/** While nothing is behind, what is due goes out ten times a second. */
const TICK_MS = 100;
/**
 * To an agent, lines of the last minute are news: from the first of them on it waits for no line that is more than seconds
 * old. So a batch of the past ends before that, and the next one goes all the way to the present in one leap; one that
 * ended between would look like a service that fell silent.
 */
const LEAP_MS = 90_000;

export interface SimulationOptions {
  readonly url: string;
  readonly key: string;
  readonly seed: number;
  /** Multiplies every rate; 1 is 22 lines a second in all. */
  readonly rate: number;
  /** Event time of the first line; rounded down to a full second. */
  readonly fromMs: number;
  /** Event time at which the run ends by itself; null: it goes on until the signal. */
  readonly untilMs: number | null;
  readonly pace: Pace;
  readonly scenarios: readonly PlannedScenario[];
  /** Batch ids begin with it, so that no two runs share one. */
  readonly runId: string;
  readonly report: (event: SimulationEvent) => void;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly fetch: typeof fetch;
}

/** What a run says about itself while it goes on. */
export type SimulationEvent =
  | { readonly type: 'started'; readonly fromMs: number; readonly dueMs: number; readonly nowMs: number }
  | {
      readonly type: 'progress';
      readonly eventMs: number;
      readonly dueMs: number;
      readonly sent: number;
      readonly nowMs: number;
    }
  | { readonly type: 'present'; readonly sent: number; readonly nowMs: number }
  | { readonly type: 'scenario_started'; readonly name: ScenarioName; readonly eventMs: number }
  | { readonly type: 'scenario_ended'; readonly name: ScenarioName; readonly eventMs: number }
  | { readonly type: 'retry'; readonly reason: string; readonly waitMs: number };

/** `sent` = `accepted` + `rejected` + `unanswered`; the last is not 0 only when a run was stopped while the agent was away. */
export interface SimulationSummary {
  readonly sent: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unanswered: number;
  readonly batches: number;
  readonly retries: number;
  readonly seconds: number;
  readonly lines_per_second: number;
  readonly from: string;
  readonly until: string;
}

/**
 * Sends the traffic of the simulated shop until `untilMs` or until the signal, and says what came of it. Lines are sent in
 * the order of their times, one request at a time while the next is being made: a second request under way could overtake
 * the first and make its lines late.
 * @throws SimulationError when the agent refuses for good, never was there or stays away, or the run has no end
 */
export async function runSimulation(options: SimulationOptions, signal: AbortSignal): Promise<SimulationSummary> {
  const { now, report, seed } = options;
  if (options.pace.type === 'max' && options.untilMs === null) {
    throw new SimulationError('a run at full speed needs an end: nothing else would hold it back');
  }
  const startedAtMs = now();
  const fromSecond = Math.floor(options.fromMs / 1000);
  const clock = eventClock(options.pace, fromSecond * 1000, startedAtMs);
  const dueMs = () => Math.min(clock(now()), options.untilMs ?? Number.POSITIVE_INFINITY);

  const schedule = new ScenarioSchedule(options.scenarios);
  if (options.pace.type !== 'present') schedule.begin(fromSecond);
  const referenceSecond = Math.floor((options.untilMs ?? startedAtMs) / 1000);
  const model = new TrafficModel({
    seed,
    rate: options.rate,
    referenceSecond,
    scenariosAt: (second) => schedule.at(second),
  });
  const stream = new EventStream(model, seed, fromSecond);
  const scenarios = scenarioReporter(schedule, report);

  let retries = 0;
  const client = new IngestClient({
    ...options,
    chance: new Sfc32(seed, startedAtMs),
    onRetry: (reason, waitMs) => {
      retries++;
      report({ type: 'retry', reason, waitMs });
    },
  });
  const counts = { sent: 0, accepted: 0, rejected: 0, unanswered: 0, batches: 0 };
  const send = async (batch: LineBatch): Promise<void> => {
    if (batch.lines === 0) return;
    const lines = batch.lines;
    const answer = await client.send(batch.body, `${options.runId}-${counts.batches++}`, signal);
    counts.sent += lines;
    if (answer) {
      counts.accepted += answer.accepted;
      counts.rejected += answer.rejected;
    } else counts.unanswered += lines;
  };

  let [filling, sending] = [new LineBatch(BATCH_BYTES), new LineBatch(BATCH_BYTES)];
  let underWay: Promise<void> = Promise.resolve();
  let reachedPresent = false;
  report({ type: 'started', fromMs: fromSecond * 1000, dueMs: dueMs(), nowMs: startedAtMs });
  try {
    while (!signal.aborted) {
      const isLeap = dueMs() - stream.second * 1000 <= 1.5 * LEAP_MS;
      // The leap is made when nothing is before it any more: it would be seconds old by the time it could go.
      if (isLeap) await underWay;
      const due = dueMs();
      const until = isLeap || options.pace.type !== 'present' ? due : due - LEAP_MS;
      filling.clear();
      const stopped = stream.writeInto(filling, until);
      await underWay;
      [filling, sending] = [sending, filling];
      underWay = send(sending);
      scenarios(stream.second);
      report({ type: 'progress', eventMs: stream.second * 1000, dueMs: due, sent: counts.sent, nowMs: now() });
      if (stopped === 'more' || until < due) continue;
      await underWay;
      if (!reachedPresent) {
        reachedPresent = true;
        schedule.begin(stream.second + 1);
        report({ type: 'present', sent: counts.sent, nowMs: now() });
      }
      if (options.untilMs !== null && due >= options.untilMs) break;
      await options.sleep(TICK_MS, signal);
    }
  } finally {
    await underWay;
  }
  const seconds = (now() - startedAtMs) / 1000;
  return {
    ...counts,
    retries,
    seconds,
    lines_per_second: seconds > 0 ? Math.round(counts.sent / seconds) : 0,
    from: new Date(fromSecond * 1000).toISOString(),
    until: new Date((stream.second + 1) * 1000).toISOString(),
  };
}

/** Reports each scenario once when it starts and once when it ends. */
function scenarioReporter(
  schedule: ScenarioSchedule,
  report: SimulationOptions['report'],
): (unixSecond: number) => void {
  let active: readonly ScenarioName[] = [];
  return (unixSecond) => {
    const current = schedule.at(unixSecond).map(({ name }) => name);
    const eventMs = unixSecond * 1000;
    for (const name of current) if (!active.includes(name)) report({ type: 'scenario_started', name, eventMs });
    for (const name of active) if (!current.includes(name)) report({ type: 'scenario_ended', name, eventMs });
    active = current;
  };
}
