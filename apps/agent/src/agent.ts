/** Wires the whole agent, top to bottom. Every stage is made here and handed what it needs; none knows another. */
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AgentInfo, drawnSignalOf, RequestError, uuidv7 } from '@sentinellog/shared';
import { openAccess } from './access/access.ts';
import { AccessAudit } from './access/access-audit.ts';
import { loadReceiptSeal } from './receipt-seal.ts';
import { ageClock } from './age-clock.ts';
import { createApi } from './api/create-api.ts';
import { answerHeartbeats } from './api/heartbeat-query.ts';
import { SessionBook } from './api/session-book.ts';
import { BaselineDesk } from './baseline-desk.ts';
import { HookDesk } from './automation/hook-desk.ts';
import { HookRunner } from './automation/hook-runner.ts';
import { RuleHooks } from './automation/rule-hooks.ts';
import { BlindStretches } from './blind-stretches.ts';
import { Canary, CANARY_DETECTOR } from './canary.ts';
import { Checkpointer } from './checkpointer.ts';
import type { Config } from './config/config.ts';
import { ClusterDirectory } from './explain/cluster-directory.ts';
import { embeddingNamed } from './explain/embeddings.ts';
import { Explainer } from './explain/explainer.ts';
import { explainLines } from './explain-lines.ts';
import { whyNot } from './detect/rule-book.ts';
import { ReplayRunner } from './detect/run-replay.ts';
import { readExpectation } from './expectation-reader.ts';
import { healthMapOf } from './health-map.ts';
import { Heart } from './heart.ts';
import { heartbeatReader } from './heartbeat-reader.ts';
import { summaryOf } from './incident/summary.ts';
import { minutesOf } from './incident-notices.ts';
import { openJournal } from './journal/journal.ts';
import { createOutwardFetch, TargetRules } from './notify/outward-fetch.ts';
import { LadderDesk } from './ladder-desk.ts';
import { journalDirOf, type JournalKeys, resolveJournalKeys } from './journal/journal-keys.ts';
import { deliverLines } from './live-lines.ts';
import { FailureBucket, LOGIN_LENIENCY } from './pipeline/failure-bucket.ts';
import { StopStack } from './pipeline/stop-stack.ts';
import { onClientError, SERVER_SETTINGS } from './receive/server-settings.ts';
import { Listeners } from './receive/listeners.ts';
import { ruleHistory } from './rule-history.ts';
import { dryRun } from './rules/dry-run.ts';
import { RuleDesk } from './rules/rule-desk.ts';
import { readyMadeRules } from './rules/rule-document.ts';
import { RawSearch } from './search/raw-search.ts';
import { SearchDesk } from './search/search-desk.ts';
import { SourceRetention } from './source-retention.ts';
import { UnknownCursor } from './store/anomalies.ts';
import { openStore } from './store/store.ts';
import { createStream } from './stream/create-stream.ts';
import { LINES_EVERY_MS } from './stream/line-subscriptions.ts';
import { templateCountsReader } from './template-counts.ts';
import { TemplateDirectory } from './template-directory.ts';
import { Replay } from './tally/replay.ts';
import { OVERFLOW_SERVICE } from './tally/tally.ts';
import { AuthFailureCounts } from './telemetry/auth-failures.ts';
import { EventLoopProbe } from './telemetry/event-loop.ts';
import type { Log } from './telemetry/log.ts';
import { openDetection } from './open-detection.ts';
import { openFront } from './open-front.ts';
import { openTelling } from './open-telling.ts';
import { RepeatedWork } from './repeated-work.ts';
import { reportItself } from './self-report.ts';
import { tellRefusals, tellRuns } from './told-runs.ts';
import { VERSION } from './version.ts';

export interface RunningAgent {
  readonly url: string;
  readonly info: AgentInfo;
  /** `HOST:PORT` by protocol, of the ports besides HTTP that are open. */
  readonly listeners: Readonly<Record<string, string>>;
  /** Answers what is under way, commits, and stops. Safe to call twice. */
  stop(): Promise<void>;
}

/** A start is ready within 2 s (goal P10), whatever is left to read back; its modules take their part before `wire`. */
const READY_WITHIN_MS = 1000;
/** Whoever asks for counts while the journal is being read back waits so long for an answer. */
const REPLAY_WAIT_MS = 10_000;
const SLOW_SENDERS_MS = 1000;
const SWEEP_MS = 5 * 60_000;
/** Settled deliveries stay as long as the incidents that they speak of. */
const OUTBOX_KEPT_MS = 90 * 86_400_000;
/** A hook's answer is waited for half as long. */
const HOOK_RUN_MS = 60_000;
/** A key that another agent revokes is refused here within a second. */
const FOLLOW_MS = 500;
const TOUCH_MS = 30_000;
/** New templates are put into clusters so often, so many at a time, or when somebody asks. */
const CLUSTERS_MS = 2000;
const CLUSTERED_AT_ONCE = 200;
const DEAD_LETTERS_MS = 1000;
/** The canary sings once an hour, the first time when a start is over; between, it is looked whether time passes at all. */
const CANARY_MS = 3_600_000;
const CANARY_LOOK_MS = 60_000;
/** How often it is looked for sources whose last saved state is a day old. */
const DAILY_STATES_MS = 10 * 60_000;
/** How late an escalation or the end of a silence may be. */
const ROUTING_MS = 1000;
/** One stage's share of a stop; Kubernetes gives 30 s in all by default. */
const STOP_LIMIT_MS = 10_000;
const DESK_TICK_MS = 1000;
const AUDIT_STEP_MS = 10_000;
/** A sign-in is in the audit within so long, a denial within a minute more. */
const ACCESS_AUDIT_MS = 2000;
/** Everybody's, until tenants are told apart. */
const TENANT = 'default';
const SEARCH_THREAD = new URL('search-worker.ts', import.meta.url);
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
  const readyAt = performance.now() + READY_WITHIN_MS;
  const stopping = new AbortController();
  const ageNow = ageClock(now, () => performance.now());

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
  const receiptSeal = loadReceiptSeal(config.dataDir, store.agentId, randomBytes);
  const accessAudit = new AccessAudit({ now, append: (entry) => store.appendAudit(entry) });
  stops.add('audit of access', () => accessAudit.flush({ everything: true }));
  const authFailures = new AuthFailureCounts((denial) => accessAudit.denied(denial));
  const failures = new FailureBucket(now, LOGIN_LENIENCY);
  const sessions = new SessionBook({
    now,
    randomBytes,
    agentId: store.agentId,
    currentCaller: (tokenId) => access.tokens.current(tokenId),
  });

  // Bytes to frames to anomalies.
  const blind = new BlindStretches(restored.atMs, startedMs);
  const detection = await openDetection({
    now,
    log,
    store,
    journal,
    restored,
    blind,
    maxSourcesPerTenant: config.limits.maxSourcesPerTenant,
    seal: (receipt) => receiptSeal.seal(receipt),
    entropy: randomBytes,
    onAnomaly: (anomaly) => {
      stream.publish({ type: 'anomaly', anomaly });
      room.take(anomaly);
    },
    onSource: (source) => stream.publish({ type: 'source', source }),
    onClosed: (source, second, counts) => heart.closed(source, second, counts),
  });
  const { tally, detect, ruleBook, directory, rulings, rulingDesk, live, rates, anomalyOf } = detection;
  const templates = new TemplateDirectory(
    {
      book: tally.templates,
      saveMark: (mark, actor) => store.saveTemplateMark(mark, actor.name),
      saveMerge: (from, to, actor) => store.saveTemplateMerge({ from, to }, actor.name),
      clusterOf: (templateId) => clusters.clusterOf(templateId),
    },
    await store.templateMarks(),
  );
  const replay = new Replay(tally, journal);

  // Who hears of it.
  const info: AgentInfo = {
    agent_id: store.agentId,
    name: config.agent.name,
    code: config.agent.code,
    version: VERSION,
    started_at_ms: startedMs,
    receipt_key: receiptSeal.publicKey,
  };
  const stream = createStream({
    now,
    session: randomUUID(),
    agent: () => info,
    snapshot: () => ({ sources: directory.list(), anomalies: live.list(), incidents: room.desk.list() }),
    tokens: access.tokens,
    callerOfCookie: (cookie) => sessions.callerOf(cookie),
    allowedOrigins: config.console.allowedOrigins,
    failures,
    authFailures,
    onSignIn: (who) => accessAudit.signedIn(who),
    log,
    chance: Math.random,
  });
  stops.add('stream', () => stream.close());
  const newId = () => uuidv7(now(), randomBytes(10));
  const telling = await openTelling({
    config,
    log,
    now,
    newId,
    entropy: randomBytes,
    store,
    journal,
    stops,
    sources: directory,
    rules: ruleBook,
    liveAnomalies: () => live.list(),
    chartOf: async (anomaly, fromMs, toMs) => {
      const range = { signal: drawnSignalOf(anomaly.signal), stepSeconds: 60, fromMs, toMs };
      const { columns } = await answerHeartbeats(heartbeats, [anomaly], range, now());
      return minutesOf(anomaly, columns);
    },
    clustersOf: (incident) => explainer.ofIncident(incident),
    onTraced: ({ message, trace }) => {
      const templateId = tally.templates.templateOf(Buffer.from(message));
      if (templateId !== null) clusters.sawTrace(templateId, trace);
    },
    publish: (incident) => {
      stream.publish({ type: 'incident', incident });
      ruleHooks.look(incident);
    },
  });
  const { box, notify, routing, room, runbooks, advice, incidents, auditWatch } = telling;
  // What people let it do.
  const hookTable = store.hooks(box);
  const hooks = new HookDesk({
    store: hookTable,
    runner: new HookRunner({
      store: hookTable,
      incident: async (incidentId) => (await incidents.detail(incidentId))?.incident ?? null,
      fetch: createOutwardFetch(new TargetRules(config.notify.allowPrivateHosts)),
      onRun: tellRuns(room.desk, log),
      onNotKept: (run, err) =>
        log.warn({ event: 'hook.not_kept', run_id: run.run_id, err }, 'how a hook ended is not stored'),
      now,
      newId,
      cluster: config.agent.code,
    }),
    now,
    newId,
  });
  const ruleHooks = new RuleHooks({ rules: ruleBook, hooks, tell: tellRefusals(room.desk, log) });

  const heart = new Heart({
    now,
    monotonicMs: () => performance.now(),
    isLive: () => replay.hasCaughtUp,
    tick: (nowMs) => {
      blind.look(nowMs);
      tally.tick(nowMs);
    },
    eachMoved: (look) => tally.eachMoved(look),
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

  detection.restore();
  // The rules of people, before the journal is read back: what it holds is judged by them.
  const rules = new RuleDesk({
    store: store.rules,
    onRules: (all) => {
      ruleBook.setRules(all);
      tally.countFields(ruleBook.wishes);
      for (const rule of all) {
        const because = rule.enabled ? whyNot(rule) : null;
        if (because !== null)
          log.warn({ event: 'rule.not_judged', rule: rule.name, because }, 'a rule is never judged');
      }
    },
    dryRun: async (rule, fromMs, toMs) => {
      const [from, to] = [Math.floor(fromMs / 1000), Math.ceil(toMs / 1000)];
      const recorded = ruleHistory({ heartbeats, sources: () => directory.list() });
      return dryRun(rule, await recorded(rule.window_seconds, from, to), from, to);
    },
    now,
    newId,
  });
  await rules.open(readyMadeRules(), config.rules.readyMade);
  await room.takeIn();
  retention.refresh();
  const clusters = new ClusterDirectory(
    {
      templates,
      embedding: embeddingNamed(config.clusters.embedding),
      save: (changes, deed) => store.saveClusters(changes, deed),
      onMerge: ({ from, to }) =>
        log.info({ event: 'clusters.merged', from, to }, 'two clusters of templates turned out to be the same'),
    },
    await store.clusters(),
  );
  stops.add('clusters', () => clusters.save());
  // Logs in.
  const front = await openFront({
    config,
    now,
    log,
    store,
    journal,
    tally,
    replay,
    authenticate: (presented) => access.keys.verify(presented),
    onRejection: (rejection) => stream.publish({ type: 'rejection', rejection }),
    stopping: stopping.signal,
  });
  const { receivers, connections, rejections, deadLetters, lineTap } = front;
  const replayed = front.recalled
    .then(() => detect.catchUp())
    .then(() => replay.run(stopping.signal))
    .catch((err: unknown) =>
      log.error({ event: 'replay.failed', err }, 'the journal cannot be read back; restart the agent'),
    );

  void replayed.then(() => room.settle(live.list()));

  // What was counted, into the store.
  let committedAccepted = restored.counters['accepted'] ?? 0;
  let failedCheckpoints = 0;
  const checkpointer = new Checkpointer({
    tally,
    detect: {
      takeCheckpointPart: () => ({ ...detect.takeCheckpointPart(), ruleState: ruleBook.takeState() }),
      giveBack: (part) => {
        detect.giveBack(part);
        if (part.ruleState) ruleBook.giveBack();
      },
    },
    store,
    takeBlind: () => blind.takeUnsaved(),
    giveBackBlind: (stretches) => blind.giveBack(stretches),
    now,
    onCommitted: (lsn, accepted) => {
      committedAccepted = accepted;
      journal
        .trim(lsn, ageNow())
        .catch((err: unknown) => log.error({ event: 'journal.trim_failed', err }, 'old segments stay'));
    },
    onFailed: (err) => {
      failedCheckpoints++;
      log.warn({ event: 'checkpoint.failed', err }, 'the checkpoint did not commit; it is part of the next one');
    },
  });
  stops.add('last checkpoint', () => checkpointer.commit());
  const heartbeats = heartbeatReader({ store, tally, checkpointer });

  const canary = new Canary({
    agentId: store.agentId,
    agentName: config.agent.name,
    startedMs,
    raise: (anomaly) => detect.raise(anomaly),
    open: restored.openAnomalies.find(({ detector }) => detector === CANARY_DETECTOR) ?? null,
    liveSources: () => (replay.hasCaughtUp ? tally.sources.filter(({ live: isLive }) => isLive) : []),
    now,
  });

  // The past, again: other sensitivities, other lessons.
  const replays = new ReplayRunner();
  stops.add('replays of the past', () => replays.stop());
  const commit = () => checkpointer.commit();
  const ladder = new LadderDesk({
    store,
    replays,
    rulings,
    directory,
    commit,
    closedThrough: (sourceId) => tally.sources.find((source) => source.sourceId === sourceId)?.closedThrough ?? 0,
    now,
    monotonicMs: () => performance.now(),
  });
  const baselines = new BaselineDesk({
    store,
    detect,
    replays,
    sources: () => tally.sources,
    commit,
    now,
    entropy: randomBytes,
  });
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

  // The raw log for people.
  const searches = new SearchDesk({ entry: SEARCH_THREAD, journal: () => journal.view(), ...config.search });
  const rawSearch = new RawSearch({
    desk: searches,
    tenant: TENANT,
    sources: () => directory.list(),
    keptSinceMs: (hash, nowMs) => journal.keptSinceMs(hash, nowMs),
    overflowService: OVERFLOW_SERVICE,
    audit: (entry) => store.appendAudit(entry),
    now,
  });

  const lag = new EventLoopProbe(() => performance.now());
  lag.start();
  stops.add('event loop probe', () => lag.stop());
  const { status, metrics } = reportItself({
    now,
    info,
    limits: config.limits,
    store,
    journal,
    detection,
    telling,
    front,
    stream,
    replay,
    searches,
    authFailures,
    canary,
    lag,
    checkpointer,
    checkpoints: () => ({ failed: failedCheckpoints, committedAccepted }),
    droppedByListeners: () => listeners.counts,
  });

  const serverFactory = (handler: RequestListener) => {
    const server = createServer(SERVER_SETTINGS, (request, response) => {
      if (!receivers.handle(request, response)) handler(request, response);
    });
    server.maxConnections = config.limits.connections;
    connections.watch(server);
    server.on('clientError', onClientError(randomUUID));
    server.on('upgrade', (request, socket, head) => stream.handleUpgrade(request, socket, head));
    return server;
  };
  const api = await createApi({
    serverFactory,
    log,
    now,
    authFailures,
    onSignIn: (who) => accessAudit.signedIn(who),
    failures,
    sessions,
    tokens: access.tokens,
    newRequestId: randomUUID,
    metrics,
    status,
    sources: directory,
    heartbeats,
    templates,
    templateCounts,
    clusters,
    explainer,
    topClusters: (anomaly) => explainer.ofAnomaly(anomaly),
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
      one: anomalyOf,
    },
    rawSearch,
    recordExport: (what, { name, tokenId }) =>
      store.appendAudit({
        atMs: now(),
        actor: `${name} (${tokenId})`,
        action: 'config.export',
        object: what,
        detail: {},
      }),
    verdicts: rulingDesk,
    exclusions: rulingDesk,
    baselines,
    ladder,
    expectation: (query) =>
      readExpectation(
        {
          heartbeats,
          explain: (sourceId, signal, second) => detect.explain(sourceId, signal, second),
          exclusionsOf: (sourceId) => rulingDesk.exclusionsOf(sourceId),
          timeZoneOf: (sourceId) => directory.settingsOf(sourceId).time_zone,
          now,
        },
        query,
      ),
    canary: { report: () => canary.report, run: () => canary.run() },
    incidents,
    incidentDesk: room.desk,
    alerts: {
      page: (query) => incidents.alerts(query),
      summary: () => summaryOf(room.desk.list(), now()),
    },
    timeline: { page: (query) => incidents.timeline(query) },
    healthMap: () =>
      healthMapOf({
        nowMs: now(),
        sources: directory.list(),
        incidents: room.desk.list(),
        rates,
        edges: room.edges.edges(),
      }),
    audit: { entries: (query) => store.audit(query), head: () => store.auditHead() },
    idempotency: store.idempotency,
    rejections,
    deadLetters: {
      page: (limit, cursor) => store.refusedEventPage(limit, cursor),
      counted: () => deadLetters.counted,
    },
    keys: access.keys,
    accessTokens: access.tokens,
    hooks,
    rules,
    runbooks,
    analysis: {
      ask: async (incidentId, signal) => {
        const detail = await incidents.detail(incidentId);
        return detail === null ? null : advice.ask(detail, signal);
      },
      preview: async (incidentId) => {
        const detail = await incidents.detail(incidentId);
        return detail === null ? null : advice.preview(detail);
      },
    },
    channels: notify.desk,
    callbacks: notify.callbacks,
    documents: routing.documents,
    routing,
    caughtUp: () => withinTime(replayed, REPLAY_WAIT_MS),
    consoleDirectory: config.console.dir ?? BUILT_CONSOLE,
  });
  const listeners = new Listeners({
    settings: config.receive,
    receivers,
    readings: front.readings,
    onRejection: front.onRejection,
    onFault: (err) => log.error({ event: 'receive.fault', err }, 'a receiver made a mistake'),
    onTrouble: (message) => log.warn({ event: 'receive.trouble' }, message),
    now,
    dataDir: config.dataDir,
    storedSince: async function* (sinceMs) {
      yield* journal.read(await journal.positionAt(sinceMs));
    },
  });
  stops.add('listeners', () => listeners.close());
  stops.add('http', async () => {
    status.drain();
    receivers.stop();
    api.server.closeIdleConnections();
    await api.close();
  });

  stops.add('searches', () => searches.close());

  // The rhythm.
  heart.start();
  stops.add('heart', () => heart.stop());
  const lineClock = setInterval(
    () => deliverLines({ tap: lineTap, audience: stream.lines, tally, resolveTemplate: (id) => templates.resolve(id) }),
    LINES_EVERY_MS,
  );
  stops.add('live lines', () => clearInterval(lineClock));
  notify.start();
  stops.add('notify', () => notify.stop());
  const work = new RepeatedWork(stops, log);
  work.every('checkpoints', config.checkpoint.intervalMs, () => checkpointer.commit(), { event: 'checkpoint.failed' });
  work.every('slow senders', SLOW_SENDERS_MS, () => connections.cutSlow(), { event: 'connections.not_looked_at' });
  work.every('dead letters', DEAD_LETTERS_MS, () => deadLetters.flush(), { event: 'dead_letters.failed' });
  work.every('desk of incidents', DESK_TICK_MS, () => room.tick(), { event: 'incident.mistake' });
  work.every('audit of access', ACCESS_AUDIT_MS, () => accessAudit.flush(), { event: 'audit.access_not_written' });
  work.every('audit watch', AUDIT_STEP_MS, () => auditWatch.step(), {
    event: 'audit.not_looked_at',
    words: 'the audit is not looked at this time',
  });
  const sweep = async () => {
    retention.refresh();
    await Promise.all([
      store.sweep(ageNow()),
      store.outbox.sweep(ageNow() - OUTBOX_KEPT_MS),
      hookTable.endInterrupted(now() - HOOK_RUN_MS),
    ]);
  };
  work.every('retention', SWEEP_MS, sweep, { event: 'retention.failed' });
  const sing = async () => {
    const lastMs = canary.report.ran_at_ms;
    if (lastMs !== null && now() - lastMs < CANARY_MS) canary.look();
    else await canary.run();
  };
  work.every('canary', CANARY_LOOK_MS, sing, {
    event: 'canary.failed',
    words: 'the canary could not run',
  });
  work.every('daily states', DAILY_STATES_MS, () => baselines.saveDue(), { event: 'baseline.not_saved' });
  const cluster = async () => {
    clusters.refresh(CLUSTERED_AT_ONCE);
    await clusters.save();
  };
  work.every('clusters', CLUSTERS_MS, cluster, {
    event: 'clusters.not_saved',
    words: 'new clusters are not stored yet',
  });
  work.every('routing', ROUTING_MS, () => routing.round(), {
    event: 'routing.not_saved',
    words: 'what routing remembers is not stored yet',
  });
  work.every('credentials of others', FOLLOW_MS, () => access.followOthers(), { event: 'access.not_followed' });
  work.every('last uses', TOUCH_MS, () => access.saveLastUses(), { event: 'access.uses_not_saved' });
  stops.add('replay', async () => {
    stopping.abort();
    await replayed;
  });

  // Open for business: after a usual restart the replay is over before anybody can ask; a long one goes on behind.
  await Promise.race([replayed, sleep(Math.max(0, readyAt - performance.now()))]);
  const { host, port } = config.listen;
  await api.listen({ host, port });
  rawSearch
    .warmUp()
    .catch((err: unknown) =>
      log.debug({ event: 'search.not_warm', err }, 'the first search will take a little longer'),
    );
  await listeners.open();
  const address = api.server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${address.port}`;
  const runFile = join(config.dataDir, 'agent.json');
  writeFileSync(runFile, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  stops.add('run file', () => rmSync(runFile, { force: true }));
  return { url, info, listeners: listeners.addresses, stop };
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
