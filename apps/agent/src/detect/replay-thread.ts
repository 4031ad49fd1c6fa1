/** The thread in which the past is replayed, so that ingest never waits for it. One job, one answer, and it ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { replayLadder, replaySeconds, SourceWatch, type StoredSeconds } from '@sentinellog/detector';
import { FrameBlock } from '@sentinellog/shared';
import type { ReplayJob, ReplayResult } from './replay-job.ts';

// What comes in was made by run-replay.ts in the same process.
const job: ReplayJob = workerData;
// Nothing is transferred: the answer is small beside what came in.
parentPort?.postMessage(replay(job), []);

function replay(asked: ReplayJob): ReplayResult {
  return asked.type === 'ladder' ? ladder(asked) : relearn(asked);
}

function ladder({ stored, from, settings, state, sigmas }: Extract<ReplayJob, { type: 'ladder' }>): ReplayResult {
  return { type: 'ladder', ...replayLadder({ stored: decoded(stored), from, settings, state, sigmas }) };
}

function relearn({ stored, settings }: Extract<ReplayJob, { type: 'relearn' }>): ReplayResult {
  const watch = new SourceWatch(settings);
  const seconds = replaySeconds(decoded(stored), (second, counts) => void watch.observe(second, counts));
  return { type: 'relearn', seconds, state: watch.snapshot() };
}

function decoded({ from, to, starts, bodies, blind }: ReplayJob['stored']): StoredSeconds {
  const minutes = bodies.map((body, at) => ({ start: starts[at], cells: FrameBlock.decode(body).cells }));
  return { from, to, minutes, blind };
}
