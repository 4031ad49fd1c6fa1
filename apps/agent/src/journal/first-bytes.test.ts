import { describe, expect, it } from 'vitest';
import { firstBytes } from './first-bytes.ts';
import { aRecord } from './testing/records.ts';

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
});
