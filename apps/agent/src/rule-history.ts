import { BLOCK_LEVELS, type Level, LEVELS, type Source } from '@sentinellog/shared';
import type { HeartbeatReader } from './api/heartbeat-query.ts';
import type { RecordedSource } from './rules/dry-run.ts';

/** Seconds are kept for a day or so and minutes for long; a window of minutes is answered well enough by minutes. */
const MINUTES_FROM_WINDOW_SECONDS = 60;

/** What was counted of every source, as a rule that is tried out needs it. Times in Unix seconds. */
export function ruleHistory(parts: {
  readonly heartbeats: HeartbeatReader;
  readonly sources: () => readonly Source[];
}): (windowSeconds: number, fromSecond: number, toSecond: number) => Promise<RecordedSource[]> {
  return async (windowSeconds, fromSecond, toSecond) => {
    const level = windowSeconds >= MINUTES_FROM_WINDOW_SECONDS ? 1 : 0;
    const { unit } = BLOCK_LEVELS[level];
    const sources = parts.sources();
    const { blocks } = await parts.heartbeats.heartbeatCut({
      sourceIds: sources.map(({ source_id }) => source_id),
      level,
      fromSecond,
      toSecond,
      signal: 'volume',
      withExpected: false,
    });
    const bySource = new Map<string, Map<number, Record<Level, number>>>();
    for (const { sourceId, start, block } of blocks) {
      const steps = bySource.get(sourceId) ?? new Map<number, Record<Level, number>>();
      bySource.set(sourceId, steps);
      for (let slot = 0; slot < block.slots; slot++) {
        const at = start + slot * unit;
        const counts = block.counts(slot);
        if (at < fromSecond || at >= toSecond || LEVELS.every((name) => counts[name] === 0)) continue;
        const known = steps.get(at);
        const { bytes: _, ...levels } = counts;
        if (known === undefined) steps.set(at, levels);
        else for (const name of LEVELS) known[name] += levels[name];
      }
    }
    return sources.map(({ source_id, service, tags }) => ({
      service,
      tags,
      stepSeconds: unit,
      steps: [...(bySource.get(source_id) ?? [])]
        .map(([at, levels]) => ({ at, levels }))
        .toSorted((a, b) => a.at - b.at),
    }));
  };
}
