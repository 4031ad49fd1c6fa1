import { samplesBy, type Metrics } from './metrics.ts';

type Counts = Readonly<Record<string, number>>;

/**
 * What the agent counts, read at each scrape. Two equations hold at every moment and are what the names are for
 * (reliability §2.0): received = accepted + rejected, and accepted = stored + pending.
 */
export interface AgentReadings {
  ingest(): {
    readonly accepted: number;
    /** By problem code. */
    readonly rejected: Counts;
    readonly duplicateBatches: number;
    readonly late: number;
    readonly clamped: number;
    /** Accepted and counted, but not yet covered by a checkpoint. */
    readonly pending: number;
    /** Accepted, but no parser knew the text. */
    readonly unparsed: number;
    /** Given up or turned away by protocols that tell nobody, by reason. */
    readonly dropped: Counts;
  };
  journal(): {
    readonly bytes: number;
    readonly segments: number;
    readonly corruptions: number;
    readonly blocks: number;
    readonly failedCommits: number;
    readonly replayPendingBytes: number;
  };
  search(): {
    readonly running: number;
    readonly waiting: number;
    /** Searches and exports that are over, by how they ended. */
    readonly ended: Counts;
  };
  checkpoint(): { readonly ageSeconds: number; readonly failures: number };
  detection(): {
    readonly sources: number;
    readonly anomaliesOpen: number;
    readonly anomaliesRaised: number;
    /** What was given up, by reason. */
    readonly dropped: Counts;
  };
  incidents(): {
    readonly open: number;
    /** Not in the database yet. */
    readonly unsaved: number;
    readonly lost: Counts;
  };
  correlation(): { readonly edgesDropped: number; readonly lost: Counts };
  auditChainOk(): boolean;
  templates(): {
    /** In memory. */
    readonly templates: number;
    /** Given up to stay within bounds, since the start. */
    readonly evicted: number;
    /** Events of templates beyond the limit of their source. */
    readonly overflowed: number;
  };
  routing(): { readonly silences: number /** What was forgotten, by kind. */; readonly dropped: Counts };
  /** By reason: unknown, revoked, missing, forbidden, origin, rate_limited. */
  authFailures(): Counts;
  stream(): { readonly clients: number; readonly dropped: Counts; readonly closed: Counts };
  process(): { readonly eventLoopLagSeconds: number; readonly rssBytes: number; readonly cpuSeconds: number };
  /** 1 where the agent holds back or lacks something, by component. */
  limits(): {
    /** Events counted under `__overflow__`, their service being one too many. */
    readonly overflowEvents: number;
    /** Requests refused for want of memory. */
    readonly memoryRefusals: number;
    /** By reason: address_full, too_slow. */
    readonly connectionsClosed: Counts;
  };
  backpressure(): Counts;
  info(): { readonly version: string; readonly startedAtMs: number };
}

/** Names every metric of the agent, in one place. */
export function registerAgentMetrics(metrics: Metrics, agent: AgentReadings): void {
  metrics.counter('events_received_total', 'Events that arrived, good or bad', [], () => {
    const { accepted, rejected } = agent.ingest();
    return accepted + total(rejected);
  });
  metrics.counter('events_accepted_total', 'Events on disk and counted', [], () => agent.ingest().accepted);
  metrics.counter('events_rejected_total', 'Events refused, by problem code', ['reason'], () =>
    samplesBy('reason', agent.ingest().rejected),
  );
  metrics.counter('events_stored_total', 'Events covered by a checkpoint', [], () => {
    const { accepted, pending } = agent.ingest();
    return accepted - pending;
  });
  metrics.gauge(
    'pending_events',
    'Events accepted but not yet covered by a checkpoint',
    [],
    () => agent.ingest().pending,
  );
  metrics.counter('duplicates_suppressed_total', 'Batches answered again without being counted again', [], () => {
    return agent.ingest().duplicateBatches;
  });
  metrics.counter('late_events_total', 'Events whose second had closed', [], () => agent.ingest().late);
  metrics.counter(
    'clamped_events_total',
    'Events whose time was not credible and became the time of receipt',
    [],
    () => {
      return agent.ingest().clamped;
    },
  );

  metrics.counter('unparsed_events_total', 'Events of text that no parser knew; they count all the same', [], () => {
    return agent.ingest().unparsed;
  });
  metrics.counter(
    'receive_dropped_total',
    'What protocols without an answer gave up, cut or turned away, by reason',
    ['reason'],
    () => samplesBy('reason', agent.ingest().dropped),
  );

  metrics.gauge('wal_bytes', 'Size of the journal on disk', [], () => agent.journal().bytes);
  metrics.gauge('wal_segments', 'Segment files of the journal', [], () => agent.journal().segments);
  metrics.counter('wal_corruptions_total', 'Damaged journal blocks that were left out', [], () => {
    return agent.journal().corruptions;
  });
  metrics.counter('wal_blocks_total', 'Blocks written: requests that come together share one', [], () => {
    return agent.journal().blocks;
  });
  metrics.counter('wal_failed_commits_total', 'Writes and flushes of the journal that failed', [], () => {
    return agent.journal().failedCommits;
  });
  metrics.gauge('wal_replay_pending_bytes', 'Journal still to be replayed after a start', [], () => {
    return agent.journal().replayPendingBytes;
  });
  metrics.gauge(
    'checkpoint_age_seconds',
    'Age of the last committed checkpoint',
    [],
    () => agent.checkpoint().ageSeconds,
  );
  metrics.counter(
    'checkpoint_failures_total',
    'Checkpoints that did not commit',
    [],
    () => agent.checkpoint().failures,
  );

  metrics.gauge('sources', 'Sources known', [], () => agent.detection().sources);
  metrics.gauge('anomalies_open', 'Anomalies that are not over', [], () => agent.detection().anomaliesOpen);
  metrics.counter('anomalies_raised_total', 'Anomalies raised', [], () => agent.detection().anomaliesRaised);

  metrics.counter('detection_dropped_total', 'Parts of an explanation that were given up, by reason', ['reason'], () =>
    samplesBy('reason', agent.detection().dropped),
  );

  metrics.gauge('incidents_open', 'Incidents that are not resolved', [], () => agent.incidents().open);
  metrics.gauge('incidents_unsaved', 'Incidents whose newest state waits for the database', [], () => {
    return agent.incidents().unsaved;
  });
  metrics.counter('incidents_dropped_total', 'What the desk of incidents did not take in, by reason', ['reason'], () =>
    samplesBy('reason', agent.incidents().lost),
  );
  metrics.counter(
    'correlation_dropped_total',
    'Looks around an incident that were given up, by reason',
    ['reason'],
    () => samplesBy('reason', { ...agent.correlation().lost, edges_full: agent.correlation().edgesDropped }),
  );
  metrics.gauge('audit_chain_ok', '1 while every entry of the audit is as it was written', [], () =>
    Number(agent.auditChainOk()),
  );
  metrics.gauge('templates', 'Templates that the miner has in memory', [], () => agent.templates().templates);
  metrics.counter('templates_evicted_total', 'Templates given up to stay within bounds', [], () => {
    return agent.templates().evicted;
  });
  metrics.counter('template_overflow_events_total', 'Events counted without a template of their own', [], () => {
    return agent.templates().overflowed;
  });

  metrics.gauge('searches_running', 'Searches and exports of the raw log that run', [], () => agent.search().running);
  metrics.gauge('searches_waiting', 'Searches and exports that wait for a thread', [], () => agent.search().waiting);
  metrics.counter('searches_total', 'Searches and exports, by how they ended', ['outcome'], () =>
    samplesBy('outcome', agent.search().ended),
  );

  metrics.gauge('silences_active', 'Silences in effect', [], () => agent.routing().silences);
  metrics.counter('routing_dropped_total', 'What routing has forgotten before its time, by kind', ['kind'], () =>
    samplesBy('kind', agent.routing().dropped),
  );
  metrics.counter('auth_failures_total', 'Callers turned away', ['reason'], () =>
    samplesBy('reason', agent.authFailures()),
  );
  metrics.gauge('stream_clients', 'Consoles connected to the stream', [], () => agent.stream().clients);
  metrics.counter('stream_dropped_total', 'Messages a slow reader did not get', ['topic'], () => {
    return samplesBy('topic', agent.stream().dropped);
  });
  metrics.counter('stream_closed_total', 'Stream connections that the agent closed', ['reason'], () => {
    return samplesBy('reason', agent.stream().closed);
  });

  metrics.counter('source_overflow_events_total', 'Events counted under __overflow__', [], () => {
    return agent.limits().overflowEvents;
  });
  metrics.counter(
    'memory_refusals_total',
    'Requests refused before their body was read, for want of memory',
    [],
    () => {
      return agent.limits().memoryRefusals;
    },
  );
  metrics.counter('connections_closed_total', 'Connections that the agent cut off', ['reason'], () => {
    return samplesBy('reason', agent.limits().connectionsClosed);
  });
  metrics.gauge('backpressure_state', '1 where a component holds back or is missing', ['component'], () => {
    return samplesBy('component', agent.backpressure());
  });
  metrics.gauge(
    'eventloop_lag_seconds',
    'How late timers of the main thread fired, at worst, in the last second',
    [],
    () => {
      return agent.process().eventLoopLagSeconds;
    },
  );
  metrics.gauge('process_resident_memory_bytes', 'Resident memory', [], () => agent.process().rssBytes);
  metrics.counter('process_cpu_seconds_total', 'Processor time, user and system', [], () => agent.process().cpuSeconds);
  metrics.gauge(
    'start_time_seconds',
    'When the agent started, unix seconds',
    [],
    () => agent.info().startedAtMs / 1000,
  );
  metrics.gauge('build_info', 'Always 1; the version is in the label', ['version'], () => {
    return [{ labels: { version: agent.info().version }, value: 1 }];
  });
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
