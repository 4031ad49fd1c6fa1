/** What the agent says about itself: its state for probes and consoles, and every metric, read from the parts as they are. */
import type { AgentInfo } from '@sentinellog/shared';
import { AgentStatus } from './agent-status.ts';
import type { Canary } from './canary.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Config } from './config/config.ts';
import type { Journal } from './journal/journal.ts';
import { LimitComplaints } from './limit-complaints.ts';
import type { Detection } from './open-detection.ts';
import type { Front } from './open-front.ts';
import type { Telling } from './open-telling.ts';
import type { SearchDesk } from './search/search-desk.ts';
import type { Store } from './store/store.ts';
import type { Stream } from './stream/create-stream.ts';
import type { Replay } from './tally/replay.ts';
import { registerAgentMetrics } from './telemetry/agent-metrics.ts';
import type { AuthFailureCounts } from './telemetry/auth-failures.ts';
import type { EventLoopProbe } from './telemetry/event-loop.ts';
import { Metrics } from './telemetry/metrics.ts';

export interface ReportedParts {
  readonly now: () => number;
  readonly info: AgentInfo;
  readonly limits: Config['limits'];
  readonly store: Store;
  readonly journal: Journal;
  readonly detection: Detection;
  readonly telling: Telling;
  readonly front: Front;
  readonly stream: Stream;
  readonly replay: Pick<Replay, 'pendingBytes'>;
  readonly searches: Pick<SearchDesk<unknown>, 'readings' | 'outcomes'>;
  readonly authFailures: AuthFailureCounts;
  readonly canary: Canary;
  readonly lag: EventLoopProbe;
  readonly checkpointer: Pick<Checkpointer, 'ageMs'>;
  readonly checkpoints: () => { readonly failed: number; readonly committedAccepted: number };
  /** Given up by protocols that tell nobody, by reason. */
  readonly droppedByListeners: () => Readonly<Record<string, number>>;
}

export function reportItself(parts: ReportedParts) {
  const { now, info, store, journal, stream, replay, searches, canary, lag, checkpointer } = parts;
  const { tally, detect, live } = parts.detection;
  const { notify, routing, room, auditWatch } = parts.telling;
  const { receivers, rejections, connections, memory, deadLetters, lineTap } = parts.front;
  const counted = (name: string): number => tally.counters[name] ?? 0;
  const limitComplaints = new LimitComplaints(
    [
      {
        words: `sources: more than ${parts.limits.maxSourcesPerTenant}; further names count together under __overflow__`,
        count: () => counted('overflow'),
      },
      { words: 'memory: bodies are refused until there is room', count: () => memory.refused },
      {
        words: 'connections: one address holds as many as limits.connectionsPerAddress allows',
        count: () => connections.counts.address_full,
      },
    ],
    () => performance.now(),
  );
  const status = new AgentStatus({
    info,
    now,
    counters: () => ({
      accepted: counted('accepted'),
      rejected: rejections.events,
      late: counted('late'),
      clamped: counted('clamped'),
      duplicateBatches: receivers.counters['repeated_batches'] ?? 0,
      unparsed: counted('unparsed'),
    }),
    sources: () => tally.sources.length,
    replayPendingBytes: () => replay.pendingBytes,
    journalBytes: () => journal.bytes,
    journalRefusal: () => journal.refusalNow()?.message,
    checkpointAgeMs: () => checkpointer.ageMs,
    limitComplaints: () => limitComplaints.current(),
    databaseDown: () => store.state === 'down',
    channelComplaints: () => notify.complaints(),
    eventLoopLagMs: () => lag.lagMs,
    blindSinceMs: () => canary.report.blind_since_ms,
  });
  const metrics = new Metrics();
  notify.register(metrics);
  registerAgentMetrics(metrics, {
    ingest: () => ({
      accepted: counted('accepted'),
      rejected: rejections.eventsByCode,
      duplicateBatches: receivers.counters['repeated_batches'] ?? 0,
      late: counted('late'),
      clamped: counted('clamped'),
      pending: counted('accepted') - parts.checkpoints().committedAccepted,
      unparsed: counted('unparsed'),
      dropped: { ...parts.droppedByListeners(), dead_letters: deadLetters.dropped, live_lines: lineTap.skipped },
    }),
    journal: () => ({
      bytes: journal.bytes,
      segments: journal.segmentCount,
      corruptions: journal.counters.corruptions,
      blocks: journal.counters.blocks,
      failedCommits: journal.counters.failed_commits,
      replayPendingBytes: replay.pendingBytes,
    }),
    search: () => ({ ...searches.readings(), ended: searches.outcomes }),
    checkpoint: () => ({ ageSeconds: checkpointer.ageMs / 1000, failures: parts.checkpoints().failed }),
    detection: () => ({
      sources: tally.sources.length,
      anomaliesOpen: live.openCount,
      anomaliesRaised: detect.raised,
      dropped: detect.dropped,
    }),
    incidents: () => ({ open: room.desk.openCount, unsaved: room.desk.unsaved, lost: room.desk.lost }),
    correlation: () => ({ edgesDropped: room.edges.dropped, lost: room.collector.lost }),
    auditChainOk: () => auditWatch.isOk,
    templates: () => ({ ...tally.templates.counts(), overflowed: counted('template_overflow') }),
    routing: () => routing.readings(),
    authFailures: () => parts.authFailures.all,
    stream: () => stream.readings(),
    process: () => {
      const { user, system } = process.cpuUsage();
      return {
        eventLoopLagSeconds: lag.lagMs / 1000,
        rssBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1e6,
      };
    },
    limits: () => ({
      overflowEvents: counted('overflow'),
      memoryRefusals: memory.refused,
      connectionsClosed: { ...connections.counts },
    }),
    backpressure: () => ({
      memory: Number(memory.pressure !== 'none'),
      postgres: Number(store.state === 'down'),
      journal: Number(journal.refusalNow() !== undefined),
    }),
    info: () => ({ version: info.version, startedAtMs: info.started_at_ms }),
  });
  return { status, metrics };
}
