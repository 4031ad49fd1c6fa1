import { describe, expect, it } from 'vitest';
import { firstBytes } from './first-bytes.ts';
import { aRecord } from './testing/records.ts';

async function* singles() {
  for (let i = 0; i < 1000; i++) yield { record: aRecord({ body: Buffer.alloc(190) }) };
}

describe('the first bytes of a journal', () => {
  it('are read and no more, so that a search that finds nothing comes to an end', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read++;
        yield { record: aRecord({ body: Buffer.alloc(1000) }) };
      }
    }
    let given = 0;
    for await (const { record } of firstBytes(endless(), 2500)) given += record.body.length;
    expect(given).toBe(3000);
    expect(read).toBe(3);
  });

  it('give everybody else a turn every hundred records or so, however small they are', async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      waiting = setImmediate(count);
    };
    let waiting = setImmediate(count);
    for await (const _ of firstBytes(singles(), 1 << 20));
    clearImmediate(waiting);
    expect(turns).toBeGreaterThanOrEqual(8);
  });
});
