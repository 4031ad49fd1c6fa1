import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryGuard } from './memory-guard.ts';

const MIB = 1024 * 1024;
let heldMib: number;
let collected: number;
let nowMs: number;
let guard: MemoryGuard;
beforeEach(() => {
  heldMib = 100;
  collected = 0;
  nowMs = 0;
  guard = new MemoryGuard({
    limitBytes: 1000 * MIB,
    read: () => ({ heapUsed: heldMib * MIB, external: 0 }),
    collect: () => {
      collected++;
    },
    now: () => nowMs,
  });
});

function later(): MemoryGuard {
  nowMs += 100;
  return guard;
}

describe('the memory guard', () => {
  it('lets everything in while there is room', () => {
    expect(guard.admits(undefined)).toBe(true);
    expect(guard.refused).toBe(0);
  });

  it('lets only small bodies in from 70 % on, and none whose size is not known', () => {
    heldMib = 610;
    expect(guard.admits(64 * 1024)).toBe(true);
    expect(guard.admits(MIB)).toBe(false);
    expect(guard.admits(undefined)).toBe(false);
    expect(guard.refused).toBe(2);
  });

  it('lets nothing in from 85 % on, collects at most every five seconds, and goes on once there is room', () => {
    heldMib = 800;
    for (let look = 0; look < 49; look++) expect(later().admits(10)).toBe(false);
    expect(collected).toBe(1);
    for (let look = 0; look < 5; look++) later().admits(10);
    expect(collected).toBe(2);
    heldMib = 200;
    expect(later().admits(MIB)).toBe(true);
  });

  it('believes a collection that helped', () => {
    const helpful = new MemoryGuard({
      limitBytes: 1000 * MIB,
      read: () => ({ heapUsed: (collected > 0 ? 100 : 900) * MIB, external: 0 }),
      collect: () => {
        collected++;
      },
      now: () => nowMs,
    });
    expect(helpful.pressure).toBe('none');
  });
});
