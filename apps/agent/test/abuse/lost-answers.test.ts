/** F16: the agent stores a batch, and its sender never hears of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sfc32 } from '../../src/simulate/random.ts';
import { LossyProxy } from '../chaos/lossy-proxy.ts';
import { type Front, FRONT_KEY, startFront } from '../front/front.ts';

const BATCHES = 200;
const EVENTS = 7;

let dir: string;
let front: Front;
let network: LossyProxy;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'lost-answers-'));
  front = await startFront({ dir, now: Date.now });
  network = await LossyProxy.open(() => Number(new URL(front.url).port), new Sfc32(16));
});
afterEach(async () => {
  await network.close();
  await front.close();
  rmSync(dir, { recursive: true });
});

/** Undefined when there was no answer. */
async function send(batch: number, path: string, body: string): Promise<number | undefined> {
  const headers = {
    'x-sentinel-key': FRONT_KEY,
    'x-sentinel-batch-id': `batch-${batch}`,
    'content-type': 'application/json',
  };
  const response = await fetch(network.url + path, { method: 'POST', body, headers }).catch(() => undefined);
  await response?.arrayBuffer().catch(() => undefined);
  return response?.status;
}

const line = (batch: number): string => `${JSON.stringify({ service: 'orders', message: `order of ${batch}` })}\n`;

describe(`${BATCHES} batches whose first answer is lost`, () => {
  it('are stored once each when their sender repeats them with their ids', async () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      network.weather = { type: 'loses-answers', rate: 1 };
      expect(await send(batch, '/v1/ingest', line(batch).repeat(EVENTS))).toBeUndefined();
      network.weather = { type: 'fair' };
      expect(await send(batch, '/v1/ingest', line(batch).repeat(EVENTS))).toBe(202);
    }
    expect(network.lostAnswers).toBe(BATCHES);
    expect(front.tally.counters).toMatchObject({ accepted: BATCHES * EVENTS });
  });

  it('are stored once each, too, when the repetition overtakes the first', async () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      const body = line(batch).repeat(EVENTS);
      const answers = await Promise.all([1, 2, 3].map(() => send(batch, '/v1/ingest', body)));
      expect(answers).toEqual([202, 202, 202]);
    }
    expect(front.tally.counters).toMatchObject({ accepted: BATCHES * EVENTS });
  });
});
