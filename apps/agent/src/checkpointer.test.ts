import { FrameBlock } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { Checkpointer, type CheckpointerParts } from './checkpointer.ts';
import { NO_TEMPLATES } from './pipeline/testing/no-templates.ts';
import type { BlockDelta, Checkpoint } from './pipeline/checkpoint.ts';

function delta(events: number): BlockDelta {
  const block = new FrameBlock(60);
  block.add(3, 1, events);
  return { sourceId: 'payment', level: 0, start: 1_767_225_600, block };
}

/** A tally that has counted `events`, a store that keeps what is committed, and switches to make it fail. */
function setUp() {
  const state = { pending: [delta(5)], stored: 0, lsn: 100, fail: false, gate: Promise.resolve() };
  const failures: unknown[] = [];
  const committed: number[] = [];
  const parts: CheckpointerParts = {
    tally: {
      takeDelta: () => {
        const deltas = state.pending;
        state.pending = [];
        return { lsn: state.lsn, newSources: [], progress: [], deltas, counters: {}, templates: NO_TEMPLATES };
      },
      giveBack: (part) => {
        state.pending = [...part.deltas, ...state.pending];
      },
    },
    detect: {
      takeCheckpointPart: () => ({
        watches: new Map(),
        tail: { place: 0, bodies: [], neededFrom: 0 },
        expected: [],
        anomalies: [],
      }),
      giveBack: () => undefined,
    },
    store: {
      commit: async (checkpoint: Checkpoint) => {
        await state.gate;
        if (state.fail) throw new Error('connection refused');
        for (const each of checkpoint.deltas) state.stored += each.block.get(3, 'info');
      },
    },
    takeBlind: () => [],
    giveBackBlind: () => undefined,
    onCommitted: (lsn) => committed.push(lsn),
    onFailed: (error) => failures.push(error),
    now: () => 0,
  };
  return { state, failures, committed, checkpointer: new Checkpointer(parts) };
}
const total = (blocks: readonly BlockDelta[]) => blocks.reduce((sum, each) => sum + each.block.get(3, 'info'), 0);

describe('a checkpoint', () => {
  it('moves what was counted into the store, with the position it covers', async () => {
    const { state, committed, checkpointer } = setUp();
    await checkpointer.commit();
    expect(state.stored).toBe(5);
    expect(state.pending).toEqual([]);
    expect(committed).toEqual([100]);
  });

  it('that fails gives everything back, and the next one stores it once', async () => {
    const { state, failures, checkpointer } = setUp();
    state.fail = true;
    await checkpointer.commit();
    expect(failures).toHaveLength(1);
    expect(total(state.pending)).toBe(5);
    state.fail = false;
    await checkpointer.commit();
    expect(state.stored).toBe(5);
  });

  it('never shows a reader the same events twice or not at all, even while it is being committed', async () => {
    const { state, checkpointer } = setUp();
    const gate = Promise.withResolvers<void>();
    state.gate = gate.promise;
    const commit = checkpointer.commit();
    const seen = checkpointer.readStored(
      async () => state.stored,
      (stored) => stored + total(state.pending),
    );
    gate.resolve();
    await commit;
    expect(await seen).toBe(5);
  });
});
