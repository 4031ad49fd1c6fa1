import { type FrameCounts, SourceWatch } from '@sentinellog/detector';
import { EIGHT_SERVICES, frameOf, Traffic } from '@sentinellog/detector/testing';
import { type Anomaly, AnomalySchema, isUuid, type SampleLine } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { readStamped } from './watch-tail.ts';
import { Detect, type DetectOptions, type DetectSource } from './detect.ts';

const START = Date.UTC(2026, 2, 2) / 1000;
const PAYMENT: DetectSource = {
  sourceId: '01996f00-0000-7000-8000-000000000001',
  tenant: 'default',
  service: 'payment-service',
};
const LINES: readonly SampleLine[] = [
  {
    at_ms: START * 1000,
    level: 'error',
    message: 'connection pool exhausted: 50/50 in use',
    trace_id: '4bf92f3577b34da6',
  },
];
const RHYTHM = EIGHT_SERVICES.find(({ service }) => service === 'payment-service')!;

function stage(overrides: Partial<DetectOptions> = {}) {
  const published: Anomaly[] = [];
  const asked: { from: number; to: number; prefer: string }[] = [];
  const detect = new Detect({
    now: () => START * 1000 + 5000,
    settingsOf: () => ({ sensitivity: 'medium', time_zone: 'Europe/Berlin' }),
    rulingsOf: () => [],
    seal: (receipt) => receipt,
    samples: async (_source, from, to, prefer) => {
      asked.push({ from, to, prefer });
      return LINES;
    },
    onAnomaly: (anomaly) => published.push(AnomalySchema.parse(anomaly)),
    ...overrides,
  });
  return { detect, published, asked };
}

/** Two hours of ordinary traffic, five minutes of a failing payment, and what follows. */
function incident(seconds: number): readonly FrameCounts[] {
  const failing = { from: START + 7200, to: START + 7500, volume: 2, errorShare: 0.5 };
  const traffic = new Traffic(RHYTHM, { seed: 11, reference: START, disturbances: [failing] });
  return Array.from({ length: seconds }, (_, i) => traffic.frame(START + i));
}

function feed(detect: Detect, frames: readonly FrameCounts[], from = 0): void {
  for (let i = from; i < frames.length; i++) detect.frameClosed(PAYMENT, START + i, frames[i]);
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the detect stage', () => {
  it('publishes an anomaly with everything a person needs, and again when its sample lines are there', async () => {
    const { detect, published, asked } = stage();
    feed(detect, incident(7205));
    await settled();
    const errors = published.filter(({ signal }) => signal === 'error_rate');
    expect(errors[0]).toMatchObject({
      service: 'payment-service',
      state: 'open',
      direction: 'high',
      severity: 'P2',
      raw_data_sample: [],
    });
    expect(isUuid(errors[0].event_id)).toBe(true);
    expect(errors[0].reason).toMatch(
      /^\d+ of \d+ lines were errors in \d+ s where 0\.\d+ % are normal \(\d+\.\dσ above\)$/,
    );
    expect(errors.at(-1)).toMatchObject({ event_id: errors[0].event_id, raw_data_sample: LINES });
    expect(errors.at(-1)!.receipt.sample_hashes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(asked[0]).toMatchObject({ prefer: 'errors' });
    expect(detect.raised).toBe(new Set(published.map(({ event_id }) => event_id)).size);
  });

  it('ends an anomaly at its last window outside', async () => {
    const { detect, published } = stage();
    feed(detect, incident(8100));
    await settled();
    const last = published.findLast(({ signal }) => signal === 'error_rate')!;
    expect(last.state).toBe('recovered');
    expect(last.ended_at_ms).toBe(last.last_outside_ms);
    expect(last.ended_at_ms! / 1000).toBeGreaterThanOrEqual(START + 7495);
    expect(last.ended_at_ms! / 1000).toBeLessThan(START + 7600);
  });

  it('gives the same ids when the journal is replayed after a crash', () => {
    const [first, again] = [stage(), stage()];
    const frames = incident(7600);
    feed(first.detect, frames);
    feed(again.detect, frames);
    expect(first.published.length).toBeGreaterThan(0);
    expect(again.published).toEqual(first.published);
  });

  it('goes on from a checkpoint as if it had never stopped, in the middle of an incident', async () => {
    const frames = incident(8100);
    const whole = stage();
    feed(whole.detect, frames);
    await settled();
    const before = stage();
    feed(before.detect, frames.slice(0, 7300));
    const { watches } = before.detect.takeCheckpointPart();
    const open = [...new Map(before.published.map((anomaly) => [anomaly.event_id, anomaly])).values()];
    const after = stage();
    const source = { ...PAYMENT, firstSeenMs: START * 1000, lastSeenMs: 0, closedThrough: START + 7300, live: true };
    after.detect.restore({ sources: [source], watches, openAnomalies: open });
    await after.detect.catchUp();
    feed(after.detect, frames, 7300);
    await settled();
    expect(after.detect.takeCheckpointPart().watches).toEqual(whole.detect.takeCheckpointPart().watches);
    const ended = ({ published }: typeof after) =>
      published.filter(({ state }) => state === 'recovered').map(({ event_id }) => event_id);
    expect(ended(after)).toEqual(ended(whole));
  });

  it('is the same to the bit after any crash, from whole states now and then and the seconds since', async () => {
    const frames = incident(7400);
    const { detect: whole } = stage();
    feed(whole, frames);
    for (const [crash, isAnswerLost] of [
      [4, false],
      [33, true],
      [7203, false],
      [7391, true],
    ] as const) {
      const states = new Map<string, Uint8Array>();
      const anomalies = new Map<string, Anomaly>();
      let tails: { place: number; body: Uint8Array }[] = [];
      let written = 0;
      const commit = (detect: Detect) => {
        const part = detect.takeCheckpointPart();
        for (const [id, body] of part.watches) states.set(id, body);
        for (const anomaly of part.anomalies) anomalies.set(anomaly.event_id, anomaly);
        tails = tails.filter(({ place }) => place >= part.tail.neededFrom);
        tails.push(...part.tail.bodies.map((body) => ({ place: part.tail.place, body })));
        written += part.watches.size;
        return part;
      };
      const { detect: before } = stage();
      for (let i = 0; i < crash; i++) {
        before.frameClosed(PAYMENT, START + i, frames[i]);
        if (i % 5 === 4) {
          const part = commit(before);
          // The commit was done, but nobody was told: all of it comes again with the next one.
          if (isAnswerLost && i % 25 === 4) before.giveBack(part);
        }
      }
      commit(before);
      expect(written).toBeLessThan(isAnswerLost ? crash : 2 + crash / 50);
      expect(tails.length).toBeLessThan(80);
      const { detect: after } = stage();
      const open = [...anomalies.values()].filter(({ state }) => state === 'open');
      const row = { ...PAYMENT, firstSeenMs: 0, lastSeenMs: 0, closedThrough: 0, live: true };
      after.restore({ sources: [row], watches: states, tails, openAnomalies: open });
      after.configure(PAYMENT.sourceId);
      // A checkpoint, and a crash after it: what is behind must not be stored as if it were all.
      expect(after.takeCheckpointPart().watches.size).toBe(0);
      await after.catchUp();
      feed(after, frames, crash);
      expect(after.stateOf(PAYMENT.sourceId)?.state).toEqual(whole.stateOf(PAYMENT.sourceId)?.state);
    }
  });

  it('takes each change once, and takes back what could not be committed', () => {
    const { detect } = stage();
    feed(detect, incident(7260));
    const part = detect.takeCheckpointPart();
    expect([...part.watches.keys()]).toEqual([PAYMENT.sourceId]);
    expect(part.anomalies.length).toBeGreaterThan(0);
    expect(part.expected.length).toBeGreaterThan(200);
    expect(detect.takeCheckpointPart()).toEqual({
      watches: new Map(),
      tail: { place: 1, bodies: [], neededFrom: 2 },
      expected: [],
      latency: [],
      anomalies: [],
    });
    detect.giveBack(part);
    const again = detect.takeCheckpointPart();
    expect([...again.watches.keys()]).toEqual([PAYMENT.sourceId]);
    expect(again).toMatchObject({ tail: { place: 2, bodies: part.tail.bodies }, expected: part.expected });
    expect(again.anomalies).toEqual(part.anomalies);
  });

  it('notes what each minute was scored against, once, as the store keeps it', () => {
    const { detect } = stage();
    feed(detect, incident(1200));
    const { expected } = detect.takeCheckpointPart();
    const minutes = expected.filter(({ signal }) => signal === 'volume').map(({ minute }) => minute);
    expect(minutes).toEqual(minutes.toSorted((a, b) => a - b));
    expect(new Set(minutes).size).toBe(minutes.length);
    expect(minutes.every((minute) => minute % 60 === 0)).toBe(true);
    expect(expected[0]).toMatchObject({ sourceId: PAYMENT.sourceId, sigma: 3 });
  });

  it('shows a second with its band, an unseen one as unknown, and no band while nothing is learnt', () => {
    const { detect } = stage();
    expect(detect.beatFor(PAYMENT, START, 'volume', frameOf(9))).toMatchObject({
      value: 9,
      mean: null,
      lower: null,
      upper: null,
    });
    feed(detect, incident(3600));
    const beat = detect.beatFor(PAYMENT, START + 3600, 'volume', frameOf(9));
    expect(beat.value).toBe(9);
    expect(beat.lower).toBeGreaterThanOrEqual(0);
    expect(beat.upper).toBeGreaterThan(beat.mean!);
    expect(detect.beatFor(PAYMENT, START + 3600, 'volume', null).value).toBeNull();
    expect(detect.beatFor(PAYMENT, START + 3600, 'error_rate', frameOf(0)).value).toBeNull();
    expect(detect.beatFor(PAYMENT, START + 3600, 'error_rate', frameOf(8, 2)).value).toBe(0.25);
  });

  it('notes the p99 of each whole minute with durations, and shows it until the next is known', () => {
    const { detect } = stage();
    const traffic = new Traffic({ ...RHYTHM, speech: { templates: 6, medianMs: 40 } }, { seed: 3, reference: START });
    for (let second = START; second < START + 15 * 60 + 1; second++)
      detect.frameClosed(PAYMENT, second, traffic.frame(second), traffic.details(second));
    const { latency } = detect.takeCheckpointPart();
    expect(latency?.map(({ minute }) => minute)).toEqual(Array.from({ length: 15 }, (_, at) => START + at * 60));
    const last = latency?.at(-1);
    expect(last?.p99).toBeGreaterThan(60);
    expect(last?.p99).toBeLessThan(500);
    expect(latency?.[0].usual).toBeNaN();
    const beat = detect.beatFor(PAYMENT, START + 15 * 60, 'latency_p99', frameOf(5));
    expect(beat).toMatchObject({ value: last?.p99, mean: last?.usual });
    expect(beat.upper).toBeGreaterThan(last?.usual ?? 0);
    expect(detect.beatFor(PAYMENT, START + 20 * 60, 'latency_p99', frameOf(5)).value).toBeNull();
    expect(detect.beatFor(PAYMENT, START + 15 * 60, 'latency_p99', null).value).toBeNull();
  });

  it('raises an early anomaly from a running second, and one anomaly in all when its close confirms it', () => {
    const { detect, published } = stage();
    feed(detect, incident(3600));
    detect.peekOpen(PAYMENT, START + 3600, frameOf(200));
    expect(published).toMatchObject([{ state: 'early', signal: 'volume' }]);
    detect.frameClosed(PAYMENT, START + 3600, frameOf(210));
    expect(published.at(-1)).toMatchObject({
      state: 'open',
      event_id: published[0].event_id,
      started_at_ms: published[0].started_at_ms,
    });
    expect(detect.raised).toBe(1);
  });

  it('learns anew from a state it cannot read, ends what was open in it, and counts it', async () => {
    const { detect, published } = stage();
    const donor = stage();
    feed(donor.detect, incident(7300));
    const open = donor.published.filter(({ state }) => state === 'open').slice(-1);
    const source = { ...PAYMENT, firstSeenMs: 0, lastSeenMs: 0, closedThrough: 0, live: true };
    detect.restore({
      sources: [source],
      watches: new Map([[PAYMENT.sourceId, Uint8Array.of(1, 2, 3)]]),
      openAnomalies: open,
    });
    await detect.catchUp();
    expect(published).toMatchObject([{ event_id: open[0].event_id, state: 'recovered' }]);
    expect(detect.dropped['unreadable_states']).toBe(1);
    expect(detect.learnt(PAYMENT.sourceId)).toEqual({ learning: 'learning', learnt_hours: 0 });
  });

  it('keeps an anomaly whose sample lines cannot be had', async () => {
    const { detect, published } = stage({ samples: () => Promise.reject(new Error('journal block is damaged')) });
    feed(detect, incident(7205));
    await settled();
    expect(published.at(-1)).toMatchObject({ state: 'open', raw_data_sample: [] });
    expect(detect.dropped['samples_failed']).toBeGreaterThan(0);
  });

  it('goes on from an earlier second when the clock, which had run ahead, is set back, and ends what was open', () => {
    const { detect, published } = stage();
    const frames = incident(7300);
    feed(detect, frames);
    expect(published.at(-1)?.state).not.toBe('recovered');
    const learnt = detect.learnt(PAYMENT.sourceId).learnt_hours;
    for (let second = 3600; second < 7200; second++) detect.frameClosed(PAYMENT, START + second, frames[second]);
    expect(detect.learnt(PAYMENT.sourceId).learnt_hours).toBeGreaterThan(learnt);
    const last = new Map(published.map((anomaly) => [anomaly.event_id, anomaly.state]));
    expect([...last.values()]).not.toContain('open');
  });

  it('falls back to UTC where a zone is unknown, and takes a new sensitivity at once', () => {
    let sensitivity: 'low' | 'medium' = 'medium';
    const { detect } = stage({ settingsOf: () => ({ sensitivity, time_zone: 'Mars/Olympus' }) });
    feed(detect, incident(1200));
    sensitivity = 'low';
    detect.configure(PAYMENT.sourceId);
    const { watches } = detect.takeCheckpointPart();
    const { state } = readStamped(watches.get(PAYMENT.sourceId)!);
    const utc = SourceWatch.restore(state, { sensitivity: 'low', timeZone: 'UTC' });
    expect(utc.expected('volume')).toMatchObject({ sigma: 5 });
    const [now, before] = [detect.beatFor(PAYMENT, START, 'volume', frameOf(8)), utc.expected('volume')!];
    expect(now.mean).toBeCloseTo(before.rate, 10);
    expect(now.upper! - now.mean!).toBeGreaterThan(before.sigma);
  });
});
