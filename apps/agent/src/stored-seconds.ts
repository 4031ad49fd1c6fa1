import type { Span } from '@sentinellog/detector';
import type { ReplayJob } from './detect/replay-job.ts';
import type { Store } from './store/store.ts';

/** The stored seconds of one source as the replay thread takes them: not decoded here, where ingest runs. */
export async function storedSeconds(
  store: Pick<Store, 'minuteBodies' | 'blind'>,
  sourceId: string,
  { from, to }: Span,
): Promise<ReplayJob['stored']> {
  const starts: number[] = [];
  const bodies: Uint8Array[] = [];
  for await (const page of store.minuteBodies({ sourceId, fromSecond: from, toSecond: to })) {
    for (const { start, body } of page) {
      starts.push(start);
      bodies.push(body);
    }
  }
  return { from, to, starts, bodies, blind: await store.blind(from, to) };
}
