import { createStore } from 'zustand/vanilla';
import type { HeartbeatAnswer } from '@sentinellog/shared';
import type { ConsoleBridge } from '../../bridge/calls.ts';
import type { SeriesRef } from './heartbeat-feed.ts';

export const DAY_MS = 86_400_000;
/** 288 buckets: more than a strip has pixels for, and one answer of the agent. */
export const DAY_STEP_SECONDS = 300;
/** A query string holds so many ids; beyond, the whole agent is asked. */
const MAX_SOURCES = 200;

export interface DayOverviewState {
  readonly endMs: number;
  /** Lines a bucket, oldest first; null is not known. */
  readonly values: readonly (number | null)[];
  readonly failure: string | null;
}

/** The last day of what is on the chart, coarse: where to look, next to what is looked at. */
export class DayOverview {
  readonly state = createStore<DayOverviewState>(() => ({ endMs: 0, values: [], failure: null }));
  readonly #bridge: Pick<ConsoleBridge, 'heartbeats'>;
  #asked = 0;

  constructor(bridge: Pick<ConsoleBridge, 'heartbeats'>) {
    this.#bridge = bridge;
  }

  async load(refs: readonly SeriesRef[], nowMs: number): Promise<void> {
    const number = ++this.#asked;
    const stepMs = DAY_STEP_SECONDS * 1000;
    const endMs = Math.floor(nowMs / stepMs) * stepMs;
    const byAgent = Map.groupBy(refs, ({ agentId }) => agentId);
    const answers = await Promise.all(
      [...byAgent].map(([agentId, wanted]) =>
        this.#bridge.heartbeats({
          agentId,
          sources: wanted.length > MAX_SOURCES ? [] : wanted.map(({ sourceId }) => sourceId),
          signal: 'volume',
          fromMs: endMs - DAY_MS,
          toMs: endMs,
          stepSeconds: DAY_STEP_SECONDS,
        }),
      ),
    );
    // A late answer to an older question is dropped.
    if (number !== this.#asked) return;
    const failure = answers.find((answer) => !answer.ok);
    const heard = answers.flatMap((answer) => (answer.ok ? answer.value : []));
    this.state.setState({
      endMs,
      values: summed(heard, (endMs - DAY_MS) / 1000),
      failure: failure !== undefined && !failure.ok ? failure.error.detail : null,
    });
  }
}

/** Lines a bucket over all sources; a bucket that no source knows is a gap. */
function summed(answers: readonly HeartbeatAnswer[], fromSecond: number): readonly (number | null)[] {
  const sums: (number | null)[] = Array.from({ length: DAY_MS / 1000 / DAY_STEP_SECONDS }, () => null);
  for (const { sources } of answers) {
    for (const { columns } of sources) {
      for (const [i, second] of columns[0].entries()) {
        const at = Math.floor((second - fromSecond) / DAY_STEP_SECONDS);
        const value = columns[1][i] ?? null;
        if (value !== null && at >= 0 && at < sums.length) sums[at] = (sums[at] ?? 0) + value;
      }
    }
  }
  return sums;
}
