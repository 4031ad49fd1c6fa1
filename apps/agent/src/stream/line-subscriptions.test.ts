import type { AgentMessage, LineFilter } from '@sentinellog/shared';
import { AgentMessageSchema } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { LineSubscriptions, type OfferedLine } from './line-subscriptions.ts';

function aLine(number: number, overrides: Partial<OfferedLine> & { message?: string } = {}): OfferedLine {
  const { message = `charge failed for order ${number}`, ...rest } = overrides;
  return {
    atMs: 1_767_229_200_000 + number,
    sourceId: 's-payment',
    service: 'payment-service',
    level: 'error',
    text: () => ({ message, template_id: 'a1f3c09e55d20b71' }),
    ...rest,
  };
}

/** The same chances in every run (the "minimal standard" generator of Park and Miller). */
function seededChance(): () => number {
  let state = 4711;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function aSubscription(filter: LineFilter = {}, rate = 40) {
  const lines = new LineSubscriptions<string>(seededChance());
  lines.add('console', 'lines-1', filter, rate);
  const deliver = (stored: number, visited: number) => {
    const got: (AgentMessage & { type: 'lines' })[] = [];
    lines.deliver({ stored, visited }, (_reader, text) => {
      const message = AgentMessageSchema.parse(JSON.parse(text));
      if (message.type === 'lines') got.push(message);
    });
    return got;
  };
  return { lines, deliver };
}

const untouched = (): never => {
  throw new Error('the text of a line that cannot match was asked for');
};

describe('lines for a console', () => {
  it('are all there while they are few', () => {
    const { lines, deliver } = aSubscription();
    for (let n = 0; n < 7; n++) lines.offer(aLine(n));
    const [message] = deliver(7, 7);
    expect(message).toMatchObject({ id: 'lines-1', matched: 7, sampled: 1 });
    expect(message?.lines.map(({ at_ms }) => at_ms % 1000)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(deliver(0, 0)).toEqual([]);
  });

  it('are an even sample at the rate that was asked for, in order, and say so', () => {
    const { lines, deliver } = aSubscription({}, 40);
    const seen = new Map<number, number>();
    for (let round = 0; round < 400; round++) {
      for (let n = 0; n < 100; n++) lines.offer(aLine(n));
      const [message] = deliver(100, 100);
      expect(message?.lines).toHaveLength(10);
      expect(message).toMatchObject({ matched: 100, sampled: 10 });
      const order = message?.lines.map(({ at_ms }) => at_ms) ?? [];
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      for (const atMs of order) seen.set(atMs, (seen.get(atMs) ?? 0) + 1);
    }
    // 400 rounds × 10 of 100: each line 40 times, give or take.
    expect(seen.size).toBe(100);
    expect(Math.max(...seen.values())).toBeLessThan(80);
    expect(Math.min(...seen.values())).toBeGreaterThan(15);
  });

  it('count what nobody looked at as if it were like the rest', () => {
    const { lines, deliver } = aSubscription();
    for (let n = 0; n < 5; n++) lines.offer(aLine(n));
    expect(deliver(1000, 100)[0]).toMatchObject({ matched: 50, sampled: 10 });
  });

  it('match every part of the filter, and text only where the rest does', () => {
    const { lines, deliver } = aSubscription({ levels: ['error'], sources: ['s-payment'], text: 'ORDER 3' });
    lines.offer(aLine(3));
    lines.offer(aLine(4));
    lines.offer(aLine(3, { level: 'info', text: untouched }));
    lines.offer(aLine(3, { sourceId: 's-cart', text: untouched }));
    expect(deliver(4, 4)[0]).toMatchObject({ matched: 1 });
  });

  it('match a template', () => {
    const { lines, deliver } = aSubscription({ templates: ['a1f3c09e55d20b71'] });
    lines.offer(aLine(1));
    lines.offer(aLine(2, { text: () => ({ message: 'x', template_id: null }) }));
    expect(deliver(2, 2)[0]).toMatchObject({ matched: 1 });
  });

  it('stop with the subscription, or with the console', () => {
    const { lines, deliver } = aSubscription();
    lines.add('console', 'lines-2', {}, 40);
    lines.remove('console', 'lines-1');
    lines.offer(aLine(1));
    expect(deliver(1, 1).map(({ id }) => id)).toEqual(['lines-2']);
    lines.remove('console');
    expect(lines.size).toBe(0);
  });
});
