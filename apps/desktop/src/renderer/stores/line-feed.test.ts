import type { LiveLine } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import type { LineWish } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { foldedByTemplate, LineFeed } from './line-feed.ts';

const T = 1_767_229_200_000;
const nobody = (): void => undefined;

function aLine(number: number, template: string | null = 'a1f3'): LiveLine {
  return {
    at_ms: T + number,
    source_id: 's1',
    service: 'payment-service',
    level: 'error',
    message: `charge failed for order ${number}`,
    template_id: template,
  };
}

async function aFeed() {
  const clock = new FakeClock(T);
  const wishes: (LineWish | null)[] = [];
  let listener: (event: BridgeEvent) => void = nobody;
  const feed = new LineFeed({
    now: clock.now,
    setTimer: clock.setTimer,
    watchLines: async (_agents, wish) => wishes.push(wish),
    onEvent: (heard) => {
      listener = heard;
      return () => {
        listener = () => undefined;
      };
    },
  });
  await feed.watch(['agent-eu'], { filter: {}, rate: 500 });
  let number = 0;
  const come = (count: number, sampled = 1) => {
    const lines = Array.from({ length: count }, () => aLine(number++));
    listener({ type: 'lines', agentId: 'agent-eu', lines, matched: count * sampled, sampled });
  };
  return {
    feed,
    clock,
    come,
    wishes,
    hear: (event: BridgeEvent) => listener(event),
    shown: () => feed.state.getState(),
  };
}

describe('the live feed', () => {
  it('shows what comes four times a second, not line by line', async () => {
    const { clock, come, shown } = await aFeed();
    come(3);
    come(4);
    expect(shown().lines).toHaveLength(0);
    clock.advance(250);
    expect(shown().lines).toHaveLength(7);
  });

  it('holds still while paused, counts what comes, and shows it when it goes on', async () => {
    const { feed, clock, come, shown } = await aFeed();
    come(5);
    clock.advance(250);
    feed.pause();
    come(1204);
    clock.advance(250);
    expect(shown()).toMatchObject({ isPaused: true, fresh: 1204, forgotten: 0 });
    expect(shown().lines).toHaveLength(5);
    feed.resume();
    expect(shown().lines).toHaveLength(1209);
    expect(shown().fresh).toBe(0);
  });

  it('keeps 10,000 lines, and says of a long pause what it had to let go', async () => {
    const { feed, clock, come, shown } = await aFeed();
    feed.pause();
    come(10_312);
    clock.advance(250);
    expect(shown()).toMatchObject({ fresh: 10_312, forgotten: 312 });
    feed.resume();
    expect(shown().lines).toHaveLength(10_000);
    expect(shown().lines[0]?.line.at_ms).toBe(T + 312);
  });

  it('says that it is a sample, and of how much', async () => {
    const { clock, come, shown } = await aFeed();
    for (let i = 0; i < 12; i++) {
      come(125, 4);
      clock.advance(250);
    }
    expect(shown().sampled).toBe(4);
    expect(shown().matchedPerSecond).toBeCloseTo(2000, -2);
  });

  it('counts what a slow connection did not bring', async () => {
    const { clock, hear, shown } = await aFeed();
    hear({ type: 'gap', agentId: 'agent-eu', topic: 'lines', dropped: 7 });
    clock.advance(250);
    expect(shown().dropped).toBe(7);
  });

  it('asks for nothing any more once it is left', async () => {
    const { feed, come, clock, shown, wishes } = await aFeed();
    await feed.stop();
    come(3);
    clock.advance(500);
    expect(shown().lines).toHaveLength(0);
    expect(wishes.at(-1)).toBeNull();
  });
});

const linesOf = (templates: readonly (string | null)[]) =>
  templates.map((template, i) => ({ id: i + 1, agentId: 'agent-eu', line: aLine(i, template) }));

describe('lines folded by template', () => {
  it('are one row each at the place of the newest, which stays the same row as it grows', () => {
    const before = foldedByTemplate(linesOf(['pool', 'retry', 'pool', null, null]));
    expect(before.map(({ id, count }) => [id, count])).toEqual([
      [2, 1],
      [1, 2],
      [4, 1],
      [5, 1],
    ]);
    const after = foldedByTemplate(linesOf(['pool', 'retry', 'pool', null, null, 'retry']));
    expect(after.at(-1)).toMatchObject({ id: 2, count: 2 });
    expect(after.at(-1)?.line.at_ms).toBe(T + 5);
  });
});
