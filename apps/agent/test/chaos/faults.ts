import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../src/simulate/random.ts';
import type { AgentChild } from './agent-child.ts';
import type { Load } from './load.ts';
import type { LossyProxy } from './lossy-proxy.ts';
import type { Postmaster } from './postmaster.ts';
import type { SmallVolume } from './small-volume.ts';

/** What faults are done to. */
export interface World {
  readonly agent: AgentChild;
  readonly postmaster: Postmaster;
  readonly network: LossyProxy;
  readonly load: Load;
  readonly chance: Chance;
  /** Undefined where none could be mounted. */
  readonly volume: SmallVolume | undefined;
}

export interface Fault {
  /** What ingest owes its senders meanwhile: an answer of 2xx to everything, or at least no loss. */
  readonly ingest: 'answers' | 'may refuse';
  readonly durationMs: (chance: Chance) => number;
  /** Does it, and undoes it; resolves when the world is as it was. */
  strike(world: World, durationMs: number): Promise<void>;
}

const AT_ONCE = (): number => 0;
const seconds =
  (least: number, most: number) =>
  (chance: Chance): number =>
    Math.round((least + chance.next() * (most - least)) * 1000);
const HOUR_MS = 3_600_000;
/** F23: what a wrong time server does, and what a wrong battery does. */
const CLOCK_JUMPS_MS = [HOUR_MS, -HOUR_MS, 400 * 24 * HOUR_MS, -400 * 24 * HOUR_MS];

/** One line a fault. Their names are those of `--faults`. */
export const FAULTS = {
  'kill-agent': {
    ingest: 'may refuse',
    durationMs: AT_ONCE,
    strike: async ({ agent }) => {
      await agent.kill9();
      await agent.start();
    },
  },
  'restart-agent': {
    ingest: 'may refuse',
    durationMs: seconds(0, 3),
    strike: async ({ agent }, durationMs) => {
      const code = await agent.stop();
      if (code !== 0) agent.unexpectedEnds.push(`SIGTERM: exit ${String(code)}`);
      await sleep(durationMs);
      await agent.start();
    },
  },
  'freeze-agent': {
    ingest: 'may refuse',
    durationMs: seconds(1, 8),
    strike: async ({ agent }, durationMs) => {
      agent.signal('SIGSTOP');
      await sleep(durationMs);
      agent.signal('SIGCONT');
    },
  },
  'stop-postgres': {
    ingest: 'answers',
    durationMs: seconds(3, 10),
    strike: ({ postmaster }, durationMs) => postmaster.keepDown(durationMs),
  },
  'freeze-postgres': {
    ingest: 'answers',
    durationMs: seconds(3, 15),
    strike: async ({ postmaster }, durationMs) => {
      const thaw = postmaster.freeze();
      await sleep(durationMs);
      thaw();
    },
  },
  'kill-backend': {
    ingest: 'answers',
    durationMs: AT_ONCE,
    strike: async ({ postmaster }) => {
      postmaster.killBackend();
    },
  },
  'fill-disk': {
    ingest: 'may refuse',
    durationMs: seconds(2, 5),
    strike: async ({ volume, load }, durationMs) => {
      if (volume === undefined) return;
      volume.fill();
      await sleep(durationMs);
      volume.empty();
      const before = load.acknowledgedEvents;
      const since = performance.now();
      while (load.acknowledgedEvents === before) {
        if (performance.now() - since > 15_000) throw new Error('nothing was accepted within 15 s of free space');
        await sleep(50);
      }
    },
  },
  'jump-clock': {
    ingest: 'answers',
    durationMs: seconds(2, 6),
    strike: async ({ agent, chance }, durationMs) => {
      agent.setClock(CLOCK_JUMPS_MS[Math.floor(chance.next() * CLOCK_JUMPS_MS.length)]);
      await sleep(durationMs);
      agent.setClock(0);
    },
  },
  overload: {
    ingest: 'may refuse',
    durationMs: seconds(2, 5),
    strike: ({ load }, durationMs) => load.burst(80, durationMs),
  },
  'lose-answers': {
    ingest: 'may refuse',
    durationMs: seconds(2, 6),
    strike: async ({ network }, durationMs) => {
      network.weather = { type: 'loses-answers', rate: 0.3 };
      await sleep(durationMs);
      network.weather = { type: 'fair' };
    },
  },
  'cut-requests': {
    ingest: 'may refuse',
    durationMs: seconds(2, 6),
    strike: async ({ network }, durationMs) => {
      network.weather = { type: 'cuts-requests', rate: 0.2 };
      await sleep(durationMs);
      network.weather = { type: 'fair' };
    },
  },
  'slow-network': {
    ingest: 'may refuse',
    durationMs: seconds(3, 8),
    strike: async ({ network }, durationMs) => {
      network.weather = { type: 'slow', bytesPerSecond: 1_000_000 / 8, delayMs: 100 };
      await sleep(durationMs);
      network.weather = { type: 'fair' };
    },
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES: readonly FaultName[] = [
  'kill-agent',
  'restart-agent',
  'freeze-agent',
  'stop-postgres',
  'freeze-postgres',
  'kill-backend',
  'fill-disk',
  'jump-clock',
  'overload',
  'lose-answers',
  'cut-requests',
  'slow-network',
];

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}
