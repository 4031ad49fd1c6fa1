import { problem } from '@sentinellog/shared';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSimulation, type SimulationEvent, type SimulationOptions } from './run-simulation.ts';
import { SERVICE_NAMES } from './services.ts';
import { FakeAgent } from './testing/fake-agent.ts';
import { TrafficModel } from './traffic-model.ts';

const NOW = Date.parse('2026-03-03T14:00:00.000Z');

let agent: FakeAgent;
beforeEach(async () => {
  agent = await FakeAgent.start();
});
afterEach(() => agent.stop());

/** A clock that only sleeping moves on, and a run that ends `liveMs` after it began. */
function aRun(overrides: Partial<SimulationOptions> & { readonly liveMs?: number } = {}) {
  const { liveMs = 3000, ...options } = overrides;
  let nowMs = NOW;
  const stop = new AbortController();
  const events: SimulationEvent[] = [];
  const result = runSimulation(
    {
      url: agent.url,
      key: 'slk_shop',
      seed: 5,
      rate: 1,
      fromMs: NOW,
      untilMs: null,
      pace: { type: 'present' },
      scenarios: [],
      runId: 'run',
      report: (event) => events.push(event),
      now: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        if (nowMs >= NOW + liveMs) stop.abort();
        return Promise.resolve();
      },
      fetch,
      ...options,
    },
    stop.signal,
  );
  return { result, events, now: () => nowMs };
}

const linesOf = (bodies: readonly { readonly body: string }[]) =>
  bodies.flatMap(({ body }) => body.split('\n')).filter(Boolean);

function timeMs(line: string): number {
  const { timestamp, time, ...rest } = JSON.parse(line) as Record<string, string | number>;
  const at = timestamp ?? time ?? rest['@timestamp'];
  return typeof at === 'number' ? at : Date.parse(at);
}

/** Lines a second that the model says there are. */
function counted(fromSecond: number, seconds: number, referenceSecond = NOW / 1000, seed = 5): Map<number, number> {
  const model = new TrafficModel({ seed, rate: 1, referenceSecond, scenariosAt: () => [] });
  const each = Array.from({ length: seconds }, (_, i) => fromSecond + i);
  return new Map(
    each.map((at) => [at, SERVICE_NAMES.reduce((sum, service) => sum + model.countsAt(service, at).events, 0)]),
  );
}

function sentPerSecond(lines: readonly string[]): Map<number, number> {
  const perSecond = new Map<number, number>();
  for (const line of lines) {
    const second = Math.floor(timeMs(line) / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  return perSecond;
}

describe('a simulation', () => {
  it('goes from history to live without a gap and without a second twice', async () => {
    const { result } = aRun({ fromMs: NOW - 600_000, liveMs: 5050 });
    const summary = await result;
    const lines = linesOf(agent.accepted);
    const expected = counted(NOW / 1000 - 600, 605);
    const sent = sentPerSecond(lines);
    for (const [second, count] of expected) expect(sent.get(second) ?? 0).toBe(count);
    expect(summary).toMatchObject({
      sent: lines.length,
      accepted: lines.length,
      rejected: 0,
      unanswered: 0,
      retries: 0,
    });
    expect(summary.from).toBe('2026-03-03T13:50:00.000Z');
  });

  it('sends lines in the order of their times, and none from the future', async () => {
    const { result, now } = aRun({ fromMs: NOW - 60_000 });
    await result;
    const times = linesOf(agent.accepted).map(timeMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(now());
    expect(times.at(-1)).toBeGreaterThan(now() - 2000);
  });

  it('goes through the last minute of history in one leap, so that no service seems to fall silent there', async () => {
    await aRun({ fromMs: NOW - 7_200_000 }).result;
    const ends = agent.accepted.map(({ body }) => timeMs(body.trimEnd().split('\n').at(-1) ?? ''));
    const leap = ends.findIndex((end) => end > NOW - 60_000);
    expect(leap).toBeGreaterThan(0);
    expect(ends[leap]).toBeGreaterThan(NOW - 5000);
    expect(ends[leap - 1]).toBeLessThan(NOW - 60_000);
  });

  it('sends ten times a second while it is live', async () => {
    const { result } = aRun({ liveMs: 10_000, rate: 10 });
    await result;
    expect(agent.accepted.length).toBeGreaterThan(95);
    expect(agent.accepted.length).toBeLessThan(102);
  });

  it('is the same to the byte for the same seed', async () => {
    await aRun({ fromMs: NOW - 30_000 }).result;
    const first = linesOf(agent.received.splice(0));
    await aRun({ fromMs: NOW - 30_000 }).result;
    const second = linesOf(agent.received.splice(0));
    await aRun({ fromMs: NOW - 30_000, seed: 6 }).result;
    expect(second).toEqual(first);
    expect(linesOf(agent.received)).not.toEqual(first);
  });

  it('repeats a refused batch under its id, in its place, and loses nothing', async () => {
    const overloaded = JSON.stringify(problem('overloaded', 'busy', 'r'));
    agent.refusals.push({ status: 503, headers: { 'Retry-After': '1' }, body: overloaded }, 'cut');
    const { result, events } = aRun({ fromMs: NOW - 600_000, liveMs: 6000 });
    const summary = await result;
    expect(summary.retries).toBe(2);
    expect(agent.received.slice(0, 3).map(({ batchId, answer }) => `${batchId} ${answer}`)).toEqual([
      'run-0 503',
      'run-0 cut',
      'run-0 202',
    ]);
    expect(new Set(agent.accepted.map(({ batchId }) => batchId)).size).toBe(agent.accepted.length);
    expect(linesOf(agent.accepted)).toHaveLength(summary.accepted);
    expect(events.filter(({ type }) => type === 'retry')).toHaveLength(2);
    const expected = counted(NOW / 1000 - 600, 603);
    const sent = sentPerSecond(linesOf(agent.accepted));
    for (const [second, count] of expected) expect(sent.get(second) ?? 0).toBe(count);
  });

  it('starts a scenario when it has caught up with the present, and says so', async () => {
    const { result, events } = aRun({
      fromMs: NOW - 60_000,
      liveMs: 12_000,
      scenarios: [{ name: 'cascade', start: { type: 'offset', seconds: 4 } }],
    });
    await result;
    const [begins] = events.filter((event) => event.type === 'scenario_started');
    expect(begins?.name).toBe('cascade');
    expect(begins?.eventMs).toBe(NOW + 4000);
    const pool = linesOf(agent.accepted).filter((line) => line.includes('POOL_EXHAUSTED'));
    expect(pool.length).toBeGreaterThan(3);
    expect(Math.min(...pool.map(timeMs))).toBeGreaterThanOrEqual(NOW + 4000);
  });

  it('sends a stretch of the past at full speed and ends', async () => {
    const fromMs = Date.parse('2026-01-05T08:00:00Z');
    const { result, now } = aRun({ fromMs, untilMs: fromMs + 1_800_000, pace: { type: 'max' } });
    const summary = await result;
    const expected = counted(fromMs / 1000, 1800, fromMs / 1000 + 1800);
    expect(summary.sent).toBe([...expected.values()].reduce((a, b) => a + b, 0));
    expect(summary.until).toBe('2026-01-05T08:30:00.000Z');
    expect(now()).toBe(NOW);
  });

  it('lets event time go by sixty times as fast', async () => {
    const fromMs = Date.parse('2026-01-05T08:00:00Z');
    await aRun({ fromMs, pace: { type: 'paced', speed: 60 }, liveMs: 10_000 }).result;
    const times = linesOf(agent.accepted).map(timeMs);
    expect(times.at(-1)).toBeGreaterThan(fromMs + 590_000);
    expect(times.at(-1)).toBeLessThan(fromMs + 600_000);
  });

  it('refuses to run at full speed for ever', async () => {
    await expect(aRun({ pace: { type: 'max' } }).result).rejects.toThrow(/needs an end/);
  });

  it('counts what was never answered when it is stopped while the agent is away', async () => {
    for (let i = 0; i < 100; i++) agent.refusals.push('cut');
    const summary = await aRun({ fromMs: NOW - 5000, liveMs: 1000 }).result;
    expect(summary.accepted).toBe(0);
    expect(summary.unanswered).toBe(summary.sent);
    expect(summary.unanswered).toBeGreaterThan(0);
  });

  it('ends with the agent’s reason when the key is wrong', async () => {
    agent.refusals.push({ status: 401, body: JSON.stringify(problem('unauthenticated', 'no such key', 'r')) });
    await expect(aRun({ fromMs: NOW - 5000 }).result).rejects.toThrow(/401 unauthenticated/);
  });
});
