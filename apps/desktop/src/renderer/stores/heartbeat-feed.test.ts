import type { Beat, HeartbeatAnswer } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { HeartbeatFeed } from './heartbeat-feed.ts';

const T = 1_767_229_200;
const PAYMENT = { agentId: 'agent-eu', sourceId: 'payment' };
const ORDER = { agentId: 'agent-eu', sourceId: 'order' };

function aFeed(stepSeconds = 1): HeartbeatFeed {
  return new HeartbeatFeed({ signal: 'volume', rangeSeconds: 60 * stepSeconds, stepSeconds });
}

function aBeat(overrides: Partial<Beat> = {}): Beat {
  return { source_id: 'payment', t: T, value: 210, mean: 200, lower: 160, upper: 240, ...overrides };
}

function anAnswer(overrides: Partial<HeartbeatAnswer> = {}): HeartbeatAnswer {
  return {
    signal: 'volume',
    step_seconds: 1,
    from_ms: (T - 3) * 1000,
    to_ms: T * 1000,
    columns: [[], [], [], [], []],
    total_events: 0,
    sources: [
      {
        source_id: 'payment',
        service: 'payment-service',
        columns: [
          [T - 3, T - 2, T - 1],
          [180, null, 190],
          [200, 200, 200],
          [160, 160, 160],
          [240, 240, 240],
        ],
      },
    ],
    ...overrides,
  };
}

describe('HeartbeatFeed', () => {
  it('joins the stored past and the live beats into one line', () => {
    const feed = aFeed();
    feed.takeBeats('agent-eu', [aBeat()]);
    feed.takeHistory('agent-eu', anAnswer());
    expect(feed.grid(PAYMENT)?.columns(T - 3, T).value).toEqual([180, null, 190, 210]);
  });

  it('moves its version with every change, and remembers the newest second', () => {
    const feed = aFeed();
    const before = feed.version;
    feed.takeBeats('agent-eu', [aBeat(), aBeat({ t: T + 1, value: null })]);
    expect(feed.version).toBeGreaterThan(before);
    expect(feed.newestSecond('agent-eu')).toBe(T);
    expect(feed.newestSecond('agent-us')).toBe(-1);
  });

  it('turns counts of a step into a rate per second', () => {
    const feed = aFeed(60);
    feed.takeHistory(
      'agent-eu',
      anAnswer({
        step_seconds: 60,
        to_ms: T * 1000,
        sources: [
          {
            source_id: 'payment',
            service: 'payment-service',
            columns: [[T - 60], [12_600], [12_000], [9600], [14_400]],
          },
        ],
      }),
    );
    expect(feed.grid(PAYMENT)?.get(T / 60 - 1)).toEqual({ value: 210, mean: 200, lower: 160, upper: 240 });
  });

  it('shows a step that has just begun as an estimate, not as a dip', () => {
    const feed = aFeed(60);
    feed.takeBeats('agent-eu', [aBeat({ t: T, value: 200 }), aBeat({ t: T + 1, value: 220 })]);
    const { value, mean, upper } = feed.grid(PAYMENT)!.get(T / 60);
    expect([value, mean]).toEqual([210, 200]);
    expect(upper).toBeCloseTo(200 + 40 / Math.sqrt(2));
  });

  it('leaves the step that is not over to the live beats', () => {
    const feed = aFeed(60);
    const columns = [
      [T - 60, T],
      [12_600, 300],
      [null, null],
      [null, null],
      [null, null],
    ] as const;
    feed.takeHistory(
      'agent-eu',
      anAnswer({
        step_seconds: 60,
        to_ms: (T + 2) * 1000,
        sources: [
          {
            source_id: 'payment',
            service: 'payment-service',
            columns: columns.map((c) => [...c]) as HeartbeatAnswer['columns'],
          },
        ],
      }),
    );
    expect(feed.grid(PAYMENT)?.newest).toBe(T / 60 - 1);
  });

  it('throws away an answer to an earlier question', () => {
    const feed = aFeed();
    feed.reshape({ signal: 'error_rate', rangeSeconds: 60, stepSeconds: 1 });
    feed.takeHistory('agent-eu', anAnswer());
    expect(feed.grid(PAYMENT)).toBeUndefined();
  });

  it('keeps sums up to date, also when a beat comes late or a source is new', () => {
    const feed = aFeed();
    const total = feed.total([PAYMENT, ORDER]);
    feed.takeBeats('agent-eu', [aBeat(), aBeat({ t: T + 1, value: 211 })]);
    total.refresh();
    expect(total.grid.columns(T, T + 1).value).toEqual([210, 211]);
    feed.takeBeats('agent-eu', [aBeat({ value: 215 })]);
    total.refresh();
    expect(total.grid.columns(T, T + 1).value).toEqual([215, 211]);
    feed.takeBeats('agent-eu', [aBeat({ value: 220 }), aBeat({ source_id: 'order', value: 90 })]);
    total.refresh();
    expect(total.grid.columns(T, T + 1).value).toEqual([310, 211]);
  });

  it('counts the sources that it does not draw', () => {
    const feed = aFeed();
    feed.takeBeats(
      'agent-eu',
      Array.from({ length: 515 }, (_, i) => aBeat({ source_id: `service-${i}` })),
    );
    expect(feed.undrawn).toBe(3);
    feed.forget('agent-eu');
    feed.takeBeats('agent-us', [aBeat()]);
    expect(feed.grid({ agentId: 'agent-us', sourceId: 'payment' })?.newest).toBe(T);
  });
});
