import type { HeartbeatCut, HeartbeatCutQuery, HeartbeatReader } from './api/heartbeat-query.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Store } from './store/store.ts';
import type { Tally } from './tally/tally.ts';

/** Stored frames and those not yet committed, as one consistent cut: see `Checkpointer.readStored`. */
export function heartbeatReader(parts: {
  readonly store: Pick<Store, 'frames' | 'expected' | 'latency' | 'blind'>;
  readonly tally: Pick<Tally, 'sources' | 'pendingOf'>;
  readonly checkpointer: Checkpointer;
}): HeartbeatReader {
  const { store, tally, checkpointer } = parts;

  async function heartbeatCut(query: HeartbeatCutQuery): Promise<HeartbeatCut> {
    const { sourceIds, level, fromSecond, toSecond, signal, withExpected } = query;
    const wanted = new Set(sourceIds);
    const [expected, blind] = await Promise.all([
      withExpected ? store.expected({ sourceIds, signal, fromSecond, toSecond }) : [],
      store.blind(fromSecond, toSecond),
    ]);
    return checkpointer.readStored(
      () => store.frames({ sourceIds, level, fromSecond, toSecond }),
      (stored) => ({
        blocks: [
          ...stored,
          ...sourceIds.flatMap((sourceId) => tally.pendingOf(sourceId).filter((delta) => delta.level === level)),
        ],
        bounds: tally.sources
          .filter(({ sourceId }) => wanted.has(sourceId))
          .map(({ sourceId, firstSeenMs, closedThrough, live }) => ({
            sourceId,
            firstSecond: Math.floor(firstSeenMs / 1000),
            closedThrough,
            live,
          })),
        expected,
        blind,
      }),
    );
  }

  return { heartbeatCut, latencyMinutes: (query) => store.latency(query) };
}
