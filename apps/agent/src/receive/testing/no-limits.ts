import { MemoryGuard } from '../memory-guard.ts';

/** Everybody may send as much as they like, and there is memory for all of it. */
export const NO_LIMITS = {
  keyAllowance: { eventsPerSecond: null, bytesPerDay: null },
  memory: new MemoryGuard({
    limitBytes: Number.POSITIVE_INFINITY,
    read: () => ({ heapUsed: 0, external: 0 }),
    collect: () => undefined,
    now: () => 0,
  }),
} as const;
