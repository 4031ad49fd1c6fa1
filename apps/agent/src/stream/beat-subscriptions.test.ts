import type { Beat } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { BeatSubscriptions } from './beat-subscriptions.ts';

const BEATS: Beat[] = ['payment', 'order', 'gateway'].map((source_id) => ({
  source_id,
  t: 1_767_229_200,
  value: 3,
  mean: null,
  lower: null,
  upper: null,
}));

/** What each reader is handed for one tick of volume, and the messages themselves. */
function delivered(subscriptions: BeatSubscriptions<string>) {
  const handed: { reader: string; message: Buffer }[] = [];
  subscriptions.deliver('volume', BEATS, 99, (reader, message) => handed.push({ reader, message }));
  const texts = handed.map(({ reader, message }) => {
    const { id, beats } = JSON.parse(message.toString()) as { id: string; beats: Beat[] };
    return `${reader} ${id}: ${beats.map((beat) => beat.source_id).join(' ')}`;
  });
  return { handed, texts };
}

describe('beat subscriptions', () => {
  it('give each reader the sources it asked for, under its own id', () => {
    const subscriptions = new BeatSubscriptions<string>();
    subscriptions.add('vera', 'all', 'volume', undefined);
    subscriptions.add('otto', 'mine', 'volume', ['order', 'payment']);
    subscriptions.add('ada', 'rates', 'error_rate', undefined);
    subscriptions.add('eve', 'other', 'volume', ['unknown']);
    expect(delivered(subscriptions).texts).toEqual(['vera all: payment order gateway', 'otto mine: payment order']);
  });

  it('serialise once where the wishes are equal, in whatever order they were said', () => {
    const subscriptions = new BeatSubscriptions<string>();
    subscriptions.add('vera', 'h', 'volume', ['order', 'payment']);
    subscriptions.add('otto', 'h', 'volume', ['payment', 'order', 'order']);
    const [vera, otto] = delivered(subscriptions).handed;
    expect(vera.message).toBe(otto.message);
  });

  it('end one by one or all of a reader, and leave nothing behind', () => {
    const subscriptions = new BeatSubscriptions<string>();
    subscriptions.add('vera', 'a', 'volume', undefined);
    subscriptions.add('vera', 'b', 'volume', ['order']);
    subscriptions.add('otto', 'a', 'volume', undefined);
    expect(subscriptions.size).toBe(3);
    subscriptions.remove('vera', 'a');
    expect(delivered(subscriptions).texts).toEqual(['otto a: payment order gateway', 'vera b: order']);
    subscriptions.remove('vera');
    subscriptions.remove('otto');
    expect(subscriptions.size).toBe(0);
    expect(delivered(subscriptions).texts).toEqual([]);
  });
});
