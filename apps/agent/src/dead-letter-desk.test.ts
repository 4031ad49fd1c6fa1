import { describe, expect, it } from 'vitest';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import type { RefusedEvent } from './pipeline/refused-event.ts';

const letter = (n: number): RefusedEvent => ({
  atMs: n,
  tenant: 'default',
  keyId: 'k',
  code: 'schema_violation',
  detail: 'the field "level" is missing',
  event: `{"n":${n}}`,
});

describe('the desk of dead letters', () => {
  it('keeps what the database did not take, in order, and says how much was too much', async () => {
    const saved: RefusedEvent[] = [];
    const failures: unknown[] = [];
    let isDown = true;
    const desk = new DeadLetterDesk({
      save: (letters) => {
        if (isDown) return Promise.reject(new Error('no answer'));
        saved.push(...letters);
        return Promise.resolve();
      },
      onFailed: (error) => failures.push(error),
    });
    desk.add(Array.from({ length: 1200 }, (_, n) => letter(n)));
    await desk.flush();
    expect([failures.length, saved.length, desk.dropped]).toEqual([1, 0, 200]);
    isDown = false;
    await desk.flush();
    expect(saved.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(desk.counted).toEqual({ schema_violation: 1200 });
  });
});
