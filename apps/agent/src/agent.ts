/** Wires the whole agent, top to bottom. Every stage is made here and handed what it needs; none knows another. */
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AgentInfo, type Anomaly, RequestError, type Rejection, type Source, uuidv7 } from '@sentinellog/shared';
import { openAccess } from './access/access.ts';
import { AgentStatus } from './agent-status.ts';
import { createApi } from './api/create-api.ts';
import { SessionBook } from './api/session-book.ts';
import { BlindStretches } from './blind-stretches.ts';
import { Checkpointer } from './checkpointer.ts';
import type { Config } from './config/config.ts';
import { Detect } from './detect/detect.ts';
import { ClusterDirectory } from './explain/cluster-directory.ts';
import { Explainer } from './explain/explainer.ts';
import { explainLines } from './explain-lines.ts';
import { Heart } from './heart.ts';
import { heartbeatReader } from './heartbeat-reader.ts';
import { firstBytes } from './journal/first-bytes.ts';
import { openJournal } from './journal/journal.ts';
import { journalDirOf, type JournalKeys, resolveJournalKeys } from './journal/journal-keys.ts';
import { LiveAnomalies } from './live-anomalies.ts';
import { FailureBucket, LOGIN_LENIENCY } from './pipeline/failure-bucket.ts';
import { StopStack } from './pipeline/stop-stack.ts';
import { REPEAT_WINDOW_BYTES, REPEAT_WINDOW_MS, Receivers } from './receive/receivers.ts';
import { MAX_CONNECTIONS, onClientError, SERVER_SETTINGS } from './receive/server-settings.ts';
import { RejectionLog } from './rejection-log.ts';
import { openRouting } from './route/routing.ts';
import { routingStore } from './routing-store.ts';
import { SourceDirectory } from './source-directory.ts';
import { SourceRetention } from './source-retention.ts';
import { UnknownCursor } from './store/anomalies.ts';
import { openStore } from './store/store.ts';
import { createStream } from './stream/create-stream.ts';
import { templateCountsReader } from './template-counts.ts';
import { TemplateDirectory } from './template-directory.ts';
import { Replay } from './tally/replay.ts';
import { sampleLines } from './tally/sample-lines.ts';
import { Tally } from './tally/tally.ts';
import { registerAgentMetrics } from './telemetry/agent-metrics.ts';
import { AuthFailureCounts } from './telemetry/auth-failures.ts';
import { EventLoopProbe } from './telemetry/event-loop.ts';
import type { Log } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';
import { VERSION } from './version.ts';

export interface RunningAgent {
  readonly url: string;
  readonly info: AgentInfo;
  /** Answers what is under way, commits, and stops. Safe to call twice. */
  stop(): Promise<void>;
}

/** A start is ready within 2 s (goal P10), whatever is left to read back. */
const READY_WITHIN_MS = 1500;
/** Whoever asks for counts while the journal is being read back waits so long for an answer. */
const REPLAY_WAIT_MS = 10_000;
const SWEEP_MS = 5 * 60_000;
const TOUCH_MS = 30_000;
/** New templates are put into clusters so often, or when somebody asks. */
const CLUSTERS_MS = 10_000;
/** How late an escalation or the end of a silence may be. */
const ROUTING_MS = 1000;
/** One stage's share of a stop; Kubernetes gives 30 s in all by default. */
const STOP_LIMIT_MS = 10_000;
/** Lines shown with an anomaly, and how much of the journal is searched for them before an anomaly goes without. */
const SAMPLES = 5;
const SAMPLE_SEARCH_BYTES = 64 * 1024 * 1024;
/** Of the last day, looked through to say what a silence would cover. */
const PREVIEWED_ANOMALIES = 1000;
const BUILT_CONSOLE = fileURLToPath(new URL('../../desktop/out/web', import.meta.url));

export async function startAgent(config: Config, log: Log, now: () => number = Date.now): Promise<RunningAgent> {
  const stops = new StopStack();
  const stop = () =>
    stops.stop(STOP_LIMIT_MS, (name, err) => log.error({ event: 'agent.stop_failed', part: name, err }, 'stopping'));
  try {
    return await wire(config, log, now, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function wire(
  config: Config,
  log: Log,
  now: () => number,
  stops: StopStack,
  stop: () => Promise<void>,
): Promise<RunningAgent> {
  const startedMs = now();
  const stopping = new AbortController();

  // What outlives the process.
  const store = await openStore({ config, log, now });
  stops.add('store', () => store.close());
  const restored = await store.restore();
  const journalKeys = await resolveJournalKeys(config);
  sayHowJournalIsProtected(log, config, journalKeys);
  const retention = new SourceRetention(() => directory.list(), config.journal.retentionDays);
  const journal = await openJournal({
    dir: journalDirOf(config.dataDir),
    segmentBytes: config.journal.segmentBytes,
    maxBytes: config.journal.maxBytes,
    retention,
    maxPendingBytes: config.limits.pendingBytes,
    minFreeBytes: config.journal.minFreeBytes,
    keys: journalKeys?.ring,
    isEncrypted: config.journal.encryption === 'on',
    now,
    onCorruption: (corruption) =>
      log.error({ event: 'journal.corruption', ...corruption }, 'damaged journal block left out'),
  });
  stops.add('journal', () => journal.close());

  // Who may do what.
  const access = await openAccess({
    dataDir: config.dataDir,
    ingestKeys: store.ingestKeys,
    accessTokens: store.accessTokens,
    now,
    log,
  });
  const authFailures = new AuthFailureCounts();
  const failures = new FailureBucket(now, LOGIN_LENIENCY);
  const sessions = new SessionBook({
    now,
    randomBytes,
    agentId: store.agentId,
    currentCaller: (tokenId) => access.tokens.current(tokenId),
  });

  // Bytes to frames to anomalies.
  const blind = new BlindStretches(restored.atMs, startedMs);
  const storedSources = await store.sources();
  const live = new LiveAnomalies(now, restored.openAnomalies);
  const info: AgentInfo = {
    agent_id: store.agentId,
    name: config.agent.name,
    code: config.agent.code,
    version: VERSION,
    started_at_ms: startedMs,
  };
  const detect = new Detect({
    now,
    settingsOf: (sourceId) => directory.settingsOf(sourceId),
    samples: async ({ tenant, service }, fromSecond, toSecond, prefer) =>
      sampleLines(firstBytes(journal.read(await journal.positionAt(fromSecond * 1000)), SAMPLE_SEARCH_BYTES), {
        tenant,
        service,
        fromSecond,
        toSecond,
        prefer,
        limit: SAMPLES,
      }),
    onAnomaly: (anomaly: Anomaly) => {
      const isNewState = live.put(anomaly);
      stream.publish({ type: 'anomaly', anomaly });
      if (isNewState) logAnomaly(log, anomaly);
    },
  });
  const tally = new Tally({
    maxSourcesPerTenant: config.limits.maxSourcesPerTenant,
    isBlind: (second) => blind.covers(second),
    onSource: ({ sourceId }) => {
      const source = directory.one(sourceId);
      if (source) stream.publish({ type: 'source', source });
    },
    onClosed: (source, second, counts) => {
      detect.frameClosed(source, second, counts);
      heart.closed(source, second, counts);
    },
  });
  const directory = new SourceDirectory(
    {
      counted: () => tally.sources,
      learnt: (sourceId) => detect.learnt(sourceId),
      savePatch: async (sourceId, patch, actor) => (await store.patchSource(sourceId, patch, actor.name)) ?? null,
      onChanged: (source: Source) => {
        detect.configure(source.source_id);
        stream.publish({ type: 'source', source });
      },
    },
    new Map(storedSources.map((source) => [source.source_id, source])),
  );
  const templates = new TemplateDirectory(
    {
      book: tally.templates,
      saveMark: (mark, actor) => store.saveTemplateMark(mark, actor.name),
      saveMerge: (from, to, actor) => store.saveTemplateMerge({ from, to }, actor.name),
      clusterOf: (templateId) => clusters.clusterOf(templateId),
    },
    await store.templateMarks(),
  );
  // Who hears of it.
  const routing = await openRouting({
    store: routingStore(store),
    channels: () => [],
    sources: { of: (sourceId) => directory.one(sourceId) ?? undefined },
    incidents: {
      unresolved: () => [],
      one: async () => null,
      alertsSince: async (sinceMs) => {
        const { anomalies } = await store.anomalies({ fromMs: sinceMs, limit: PREVIEWED_ANOMALIES });
        return anomalies.map((anomaly) => ({
          ...anomaly,
          alert_id: anomaly.event_id,
          incident_id: '',
          state: anomaly.ended_at_ms === null ? 'OPEN' : 'RESOLVED',
        }));
      },
    },
    commit: ({ incident, waitingSinceMs, steps }) =>
      store.routingMemory.doSteps({ incidentId: incident.incident_id, waitingSinceMs, steps, atMs: now() }, () =>
        Promise.resolve(),
      ),
    onNotice: (notice) => log.info({ event: `routing.${notice.kind}`, object: notice.object }, notice.text),
    onFailed: (err, incidentId) =>
      log.warn({ event: 'routing.failed', incident_id: incidentId, err }, 'trying again in the next round'),
    now,
    newId: () => uuidv7(now(), randomBytes(10)),
  });
  stops.add('routing memory', () => routing.save());
  const stream = createStream({
    now,
    session: randomUUID(),
    agent: () => info,
    snapshot: () => ({ sources: directory.list(), anomalies: live.list() }),
    tokens: access.tokens,
    callerOfCookie: (cookie) => sessions.callerOf(cookie),
    allowedOrigins: config.console.allowedOrigins,
    failures,
    authFailures,
    log,
  });
  stops.add('stream', () => stream.close());
  const heart = new Heart({
    now,
    isLive: () => replay.hasCaughtUp,
    tick: (nowMs) => tally.tick(nowMs),
    eachOpen: (look) => tally.eachOpen(look),
    eachOver: (fromSecond, nowSecond, look) => tally.eachOver(fromSecond, nowSecond, look),
    hasViewers: () => stream.readings().clients > 0,
    peek: (source, second, counts) => detect.peekOpen(source, second, counts),
    beatFor: (source, second, signal, counts) => detect.beatFor(source, second, signal, counts),
    publishBeats: (signal, beats, nowMs) => stream.publishBeats(signal, beats, nowMs),
    sampleStatus: () => {
      lag.sample();
      status.sample();
      return status.health();
    },
    publishHealth: (health) => stream.publish({ type: 'health', health }),
    sources: () => directory.list(),
    publishSource: (source) => stream.publish({ type: 'source', source }),
  });
  tally.restore(restored);
  detect.restore(restored);
  retention.refresh();
  const clusters = new ClusterDirectory(
    {
      templates,
      save: (changes, deed) => store.saveClusters(changes, deed),
      onMerge: ({ from, to }) =>
        log.info({ event: 'clusters.merged', from, to }, 'two clusters of templates turned out to be the same'),
    },
    await store.clusters(),
  );
  stops.add('clusters', () => clusters.save());
  const replay = new Replay(tally, journal);

  // Logs in.
  const rejections = new RejectionLog();
  const receivers = new Receivers({
    scanner: tally,
    journal,
    onDurable: (batch, endLsn) => replay.durable(batch, endLsn),
    authenticate: (presented) => access.keys.verify(presented),
    onRejection: (rejection: Rejection) => {
      rejections.add(rejection);
      stream.publish({ type: 'rejection', rejection });
    },
    limits: { rawBytes: config.limits.bodyBytes, decodedBytes: config.limits.decompressedBytes },
    now,
    newId: randomUUID,
  });
  const recallFrom = await journal.positionAt(startedMs - REPEAT_WINDOW_MS, REPEAT_WINDOW_BYTES);
  await receivers.recallBatches(journal.read(recallFrom), startedMs);

  const replayed = replay
    .run(stopping.signal)
    .catch((err: unknown) =>
      log.error({ event: 'replay.failed', err }, 'the journal cannot be read back; restart the agent'),
    );

  // What was counted, into the store.
  let committedAccepted = restored.counters['accepted'] ?? 0;
  let failedCheckpoints = 0;
  const checkpointer = new Checkpointer({
    tally,
    detect,
    store,
    takeBlind: () => blind.takeUnsaved(),
    giveBackBlind: (stretches) => blind.giveBack(stretches),
    now,
    onCommitted: (lsn, accepted) => {
      committedAccepted = accepted;
      journal
        .trim(lsn, now())
        .catch((err: unknown) => log.error({ event: 'journal.trim_failed', err }, 'old segments stay'));
    },
    onFailed: (err) => {
      failedCheckpoints++;
      log.warn({ event: 'checkpoint.failed', err }, 'the checkpoint did not commit; it is part of the next one');
    },
  });
  stops.add('last checkpoint', () => checkpointer.commit());

  // What it was.
  const templateCounts = templateCountsReader({
    store,
    tally,
    checkpointer,
    resolve: (id) => templates.resolve(id),
    now,
  });
  const explainer = new Explainer({
    counts: templateCounts,
    sources: directory,
    templates,
    clusters,
    blind: (fromSecond, toSecond) => store.blind(fromSecond, toSecond),
    lines: explainLines({
      journal,
      sources: directory,
      onDamage: (reason) => log.warn({ event: 'explain.damaged_block', reason }, 'a block of the journal was left out'),
    }),
    now,
  });

  // What the agent says about itself.
  const lag = new EventLoopProbe(() => performance.now());
  lag.start();
  stops.add('event loop probe', () => lag.stop());
  const status = new AgentStatus({
    info,
    now,
    counters: () => ({
      accepted: tally.counters['accepted'] ?? 0,
      rejected: rejections.events,
      late: tally.counters['late'] ?? 0,
      clamped: tally.counters['clamped'] ?? 0,
      duplicateBatches: receivers.counters['repeated_batches'] ?? 0,
    }),
    sources: () => tally.sources.length,
    replayPendingBytes: () => replay.pendingBytes,
    journalBytes: () => journal.bytes,
    journalRefusal: () => journal.refusalNow()?.message,
    checkpointAgeMs: () => checkpointer.ageMs,
    databaseDown: () => store.state === 'down',
    eventLoopLagMs: () => lag.lagMs,
  });
  const metrics = new Metrics();

  registerAgentMetrics(metrics, {
    ingest: () => ({
      accepted: tally.counters['accepted'] ?? 0,
      rejected: rejections.eventsByCode,
      duplicateBatches: receivers.counters['repeated_batches'] ?? 0,
      late: tally.counters['late'] ?? 0,
      clamped: tally.counters['clamped'] ?? 0,
      pending: (tally.counters['accepted'] ?? 0) - committedAccepted,
    }),
    journal: () => ({
      bytes: journal.bytes,
      segments: journal.segmentCount,
      corruptions: journal.counters.corruptions,
      blocks: journal.counters.blocks,
      failedCommits: journal.counters.failed_commits,
      replayPendingBytes: replay.pendingBytes,
    }),
    checkpoint: () => ({ ageSeconds: checkpointer.ageMs / 1000, failures: failedCheckpoints }),
    detection: () => ({
      sources: tally.sources.length,
      anomaliesOpen: live.openCount,
      anomaliesRaised: detect.raised,
      dropped: detect.dropped,
    }),
    templates: () => ({ ...tally.templates.counts(), overflowed: tally.counters['template_overflow'] ?? 0 }),
    routing: () => routing.readings(),
    authFailures: () => authFailures.all,
    stream: () => stream.readings(),
    process: () => {
      const { user, system } = process.cpuUsage();
      return {
        eventLoopLagSeconds: lag.lagMs / 1000,
        rssBytes: process.memoryUsage.rss(),
        cpuSeconds: (user + system) / 1e6,
      };
    },
    backpressure: () => ({
      postgres: Number(store.state === 'down'),
      journal: Number(journal.refusalNow() !== undefined),
    }),
    info: () => ({ version: VERSION, startedAtMs: startedMs }),
  });

  const serverFactory = (handler: RequestListener) => {
    const server = createServer(SERVER_SETTINGS, (request, response) => {
      if (receivers.handles(request)) receivers.handle(request, response);
      else handler(request, response);
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.on('clientError', onClientError);
    server.on('upgrade', (request, socket, head) => stream.handleUpgrade(request, socket, head));
    return server;
  };
  const api = await createApi({
    serverFactory,
    log,
    now,
    authFailures,
    failures,
    sessions,
    tokens: access.tokens,
    newRequestId: randomUUID,
    metrics,
    status,
    sources: directory,
    heartbeats: heartbeatReader({ store, tally, checkpointer }),
    templates,
    templateCounts,
    clusters,
    explainer,
    anomalies: {
      page: async (query) => {
        try {
          return await store.anomalies(query);
        } catch (error) {
          if (error instanceof UnknownCursor)
            throw new RequestError('invalid_request', error.message, { cause: error });
          throw error;
        }
      },
      one: async (eventId) =>
        live.list().find((anomaly) => anomaly.event_id === eventId) ?? (await store.anomaly(eventId)) ?? null,
    },
    rejections,
    keys: access.keys,
    accessTokens: access.tokens,
    documents: routing.documents,
    routing,
    caughtUp: () => withinTime(replayed, REPLAY_WAIT_MS),
    consoleDirectory: config.console.dir ?? BUILT_CONSOLE,
  });
  stops.add('http', async () => {
    status.drain();
    receivers.stop();
    api.server.closeIdleConnections();
    await api.close();
  });

  // The rhythm.
  heart.start();
  stops.add('heart', () => heart.stop());
  repeat(stops, 'checkpoints', config.checkpoint.intervalMs, () => checkpointer.commit());
  repeat(stops, 'retention', SWEEP_MS, async () => {
    retention.refresh();
    await store
      .sweep(now())
      .catch((err: unknown) => log.warn({ event: 'retention.failed', err }, 'trying again later'));
  });
  repeat(stops, 'clusters', CLUSTERS_MS, async () => {
    clusters.refresh();
    await clusters
      .save()
      .catch((err: unknown) => log.warn({ event: 'clusters.not_saved', err }, 'new clusters are not stored yet'));
  });
  repeat(stops, 'routing', ROUTING_MS, async () => {
    await routing
      .round()
      .catch((err: unknown) =>
        log.warn({ event: 'routing.not_saved', err }, 'what routing remembers is not stored yet'),
      );
  });
  repeat(stops, 'last uses', TOUCH_MS, () => access.saveLastUses());
  stops.add('replay', async () => {
    stopping.abort();
    await replayed;
  });

  // Open for business: after a usual restart the replay is over before anybody can ask; a long one goes on behind.
  await Promise.race([replayed, sleep(READY_WITHIN_MS)]);
  const { host, port } = config.listen;
  await api.listen({ host, port });
  const address = api.server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${address.port}`;
  const runFile = join(config.dataDir, 'agent.json');
  writeFileSync(runFile, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  stops.add('run file', () => rmSync(runFile, { force: true }));
  return { url, info, stop };
}

/** Once for each state that an anomaly comes into; what changes in between (samples, a worse window) goes to consoles only. */
function logAnomaly(log: Log, anomaly: Anomaly): void {
  const { event_id, service, signal, state, severity, deviation_score } = anomaly;
  const event = state === 'open' || state === 'early' ? 'anomaly.detected' : `anomaly.${state}`;
  log.info({ event, event_id, service, signal, state, severity, deviation_score }, anomaly.reason);
}

/** What an attacker would have to take, in words: nobody should believe more than is true. */
function sayHowJournalIsProtected(log: Log, config: Config, keys: JournalKeys | undefined): void {
  const keyId = keys?.ring[0].id;
  if (config.journal.encryption === 'off') {
    log.warn({ event: 'journal.not_encrypted' }, 'journal.encryption is off: log text lies on disk as it came');
  } else if (keys?.origin === 'generated') {
    const text =
      'the journal is encrypted with a key in the same data folder: that protects copies of the journal (backups, ' +
      'shipped segments, a disk without this folder), not against whoever can read the whole folder; for that keep ' +
      'the key elsewhere with journal.keyFile, SENTINELLOG_JOURNAL_KEY or journal.vault. Without journal.key the ' +
      'journal cannot be read: back it up';
    log[keys.isNew ? 'warn' : 'info']({ event: 'journal.encrypted', key_id: keyId, is_new: keys.isNew }, text);
  } else log.info({ event: 'journal.encrypted', key_id: keyId, from: keys?.origin }, 'the journal is encrypted');
}

async function withinTime(work: Promise<void>, limitMs: number): Promise<void> {
  const late = Symbol('late');
  const first = await Promise.race([work, sleep(limitMs, late, { ref: false })]);
  if (first === late) {
    throw new RequestError('storage_unavailable', 'the journal is still being read back after the start: ask again');
  }
}

/** Runs `work` again and again, never twice at a time, with a pause between; a stop waits for the run under way. */
function repeat(stops: StopStack, name: string, pauseMs: number, work: () => Promise<void>): void {
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  let isStopped = false;
  const next = () => {
    timer = setTimeout(() => {
      underWay = work().finally(() => {
        if (!isStopped) next();
      });
    }, pauseMs);
  };
  next();
  stops.add(name, async () => {
    isStopped = true;
    clearTimeout(timer);
    await underWay;
  });
}
