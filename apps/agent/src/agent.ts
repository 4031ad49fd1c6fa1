/** Wires the whole agent, top to bottom. Every stage is made here and handed what it needs; none knows another. */
import { randomBytes, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type AgentInfo,
  type Anomaly,
  drawnSignalOf,
  type Rejection,
  RequestError,
  type Source,
  uuidv7,
} from '@sentinellog/shared';
import { openAccess } from './access/access.ts';
import { loadReceiptSeal } from './receipt-seal.ts';
import { ageClock } from './age-clock.ts';
import { AgentStatus } from './agent-status.ts';
import { auditKey, AuditWatch } from './audit-watch.ts';
import { createApi } from './api/create-api.ts';
import { answerHeartbeats } from './api/heartbeat-query.ts';
import { SessionBook } from './api/session-book.ts';
import { BaselineDesk } from './baseline-desk.ts';
import { Analyst } from './analysis/analyst.ts';
import { claudeSettings } from './analysis/claude-settings.ts';
import { HookDesk } from './automation/hook-desk.ts';
import { HookRunner } from './automation/hook-runner.ts';
import { BlindStretches } from './blind-stretches.ts';
import { Canary, CANARY_DETECTOR } from './canary.ts';
import { Checkpointer } from './checkpointer.ts';
import { secondDetailsOf } from './closed-details.ts';
import type { Config } from './config/config.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import { Detect } from './detect/detect.ts';
import { ClusterDirectory } from './explain/cluster-directory.ts';
import { Explainer } from './explain/explainer.ts';
import { explainLines } from './explain-lines.ts';
import { RuleBook, whyNot } from './detect/rule-book.ts';
import { ReplayRunner } from './detect/run-replay.ts';
import { readExpectation } from './expectation-reader.ts';
import { healthMapOf } from './health-map.ts';
import { Heart } from './heart.ts';
import { heartbeatReader } from './heartbeat-reader.ts';
import { summaryOf } from './incident/summary.ts';
import { IncidentAdvice } from './incident-advice.ts';
import { IncidentReader } from './incident-reader.ts';
import { IncidentNotices, minutesOf } from './incident-notices.ts';
import { firstBytes } from './journal/first-bytes.ts';
import { openJournal } from './journal/journal.ts';
import { type BlockWish, recordsWithin } from './journal/journal-view.ts';
import { Notify } from './notify/notify.ts';
import { createOutwardFetch, TargetRules } from './notify/outward-fetch.ts';
import { SecretBox } from './notify/secret-box.ts';
import { readSecretKey } from './notify/secret-key.ts';
import { LadderDesk } from './ladder-desk.ts';
import { journalDirOf, type JournalKeys, resolveJournalKeys } from './journal/journal-keys.ts';
import { LimitComplaints } from './limit-complaints.ts';
import { LiveAnomalies } from './live-anomalies.ts';
import { DeskRoom } from './open-desk.ts';
import { deliverLines } from './live-lines.ts';
import { FailureBucket, LOGIN_LENIENCY } from './pipeline/failure-bucket.ts';
import { sourceHash } from './pipeline/record-contents.ts';
import { StopStack } from './pipeline/stop-stack.ts';
import { collectGarbage, memoryOfThisProcess } from './process-memory.ts';
import { Receivers, REPEAT_WINDOW_BYTES, REPEAT_WINDOW_MS } from './receive/receivers.ts';
import { ConnectionLimits } from './receive/connection-limits.ts';
import { MemoryGuard } from './receive/memory-guard.ts';
import { onClientError, SERVER_SETTINGS } from './receive/server-settings.ts';
import { Listeners } from './receive/listeners.ts';
import { TextReadings } from './receive/text-readings.ts';
import { RejectionLog } from './rejection-log.ts';
import { readRulings, RulingDesk } from './ruling-desk.ts';
import { ServiceRates } from './service-rates.ts';
import { IncidentSilences } from './route/incident-silences.ts';
import { ruleHistory } from './rule-history.ts';
import { dryRun } from './rules/dry-run.ts';
import { RuleDesk } from './rules/rule-desk.ts';
import { readyMadeRules } from './rules/rule-document.ts';
import { RunbookShelf } from './runbooks/runbook-shelf.ts';
import { shippedRunbooks } from './runbooks/shipped-runbooks.ts';
import { openRouting } from './route/routing.ts';
import { routingStore } from './routing-store.ts';
import { RawSearch } from './search/raw-search.ts';
import { SearchDesk } from './search/search-desk.ts';
import { SourceDirectory } from './source-directory.ts';
import { SourceRetention } from './source-retention.ts';
import { UnknownCursor } from './store/anomalies.ts';
import { openStore } from './store/store.ts';
import { createStream } from './stream/create-stream.ts';
import { LINES_EVERY_MS } from './stream/line-subscriptions.ts';
import { templateCountsReader } from './template-counts.ts';
import { TemplateDirectory } from './template-directory.ts';
import { LineTap } from './tally/line-tap.ts';
import { Replay } from './tally/replay.ts';
import { sampleLines } from './tally/sample-lines.ts';
import { type ClosedDetails, OVERFLOW_SERVICE, Tally } from './tally/tally.ts';
import { tellAdvice } from './told-advice.ts';
import { toldIncidents } from './told-incidents.ts';
import { registerAgentMetrics } from './telemetry/agent-metrics.ts';
import { AuthFailureCounts } from './telemetry/auth-failures.ts';
import { EventLoopProbe } from './telemetry/event-loop.ts';
import type { Log } from './telemetry/log.ts';
import { Metrics } from './telemetry/metrics.ts';
import { VERSION } from './version.ts';

export interface RunningAgent {
  readonly url: string;
  readonly info: AgentInfo;
  /** `HOST:PORT` by protocol, of the ports besides HTTP that are open. */
  readonly listeners: Readonly<Record<string, string>>;
  /** Answers what is under way, commits, and stops. Safe to call twice. */
  stop(): Promise<void>;
}

/** A start is ready within 2 s (goal P10), whatever is left to read back. */
const READY_WITHIN_MS = 1500;
/** Whoever asks for counts while the journal is being read back waits so long for an answer. */
const REPLAY_WAIT_MS = 10_000;
const SLOW_SENDERS_MS = 1000;
const SWEEP_MS = 5 * 60_000;
/** Settled deliveries stay as long as the incidents that they speak of. */
const OUTBOX_KEPT_MS = 90 * 86_400_000;
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
/** Lines shown with an anomaly, and how much of the journal is searched for them before an anomaly goes without. */
const SAMPLES = 5;
const SAMPLE_SEARCH_BYTES = 64 * 1024 * 1024;
/** Of the journal around an incident, and now and then for the service edges; compressed it is about a seventh. */
const NEARBY_BYTES = 64 * 1024 * 1024;
const EDGE_SAMPLE_BYTES = 4 * 1024 * 1024;
const EDGE_SAMPLE_JOURNAL_BYTES = 1024 * 1024;
const DESK_TICK_MS = 1000;
const AUDIT_STEP_MS = 10_000;
/** Of the last day, looked through to say what a silence would cover. */
const PREVIEWED_ANOMALIES = 1000;
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
  const rulings = await readRulings(store, startedMs);
  const live = new LiveAnomalies(now, restored.openAnomalies);
  const rates = new ServiceRates();
  const info: AgentInfo = {
    agent_id: store.agentId,
    name: config.agent.name,
    code: config.agent.code,
    version: VERSION,
    started_at_ms: startedMs,
    receipt_key: receiptSeal.publicKey,
  };
  const detect = new Detect({
    now,
    settingsOf: (sourceId) => directory.settingsOf(sourceId),
    rulingsOf: (sourceId) => rulings.of(sourceId),
    seal: (receipt) => receiptSeal.seal(receipt),
    samples: async ({ tenant, service }, fromSecond, toSecond, prefer) =>
      // By event time, not by arrival: history that was sent in later has its lines, too.
      sampleLines(
        firstBytes(recordsWithin(journal.view(), wishOf(tenant, service, fromSecond, toSecond)), SAMPLE_SEARCH_BYTES),
        {
          tenant,
          service,
          fromSecond,
          toSecond,
          prefer,
          limit: SAMPLES,
        },
      ),
    onAnomaly: (anomaly: Anomaly) => {
      const isNewState = live.put(anomaly);
      stream.publish({ type: 'anomaly', anomaly });
      room.take(anomaly);
      if (isNewState) logAnomaly(log, anomaly);
      rulingDesk.moved(anomaly);
    },
  });
  const anomalyOf = async (eventId: string) =>
    live.list().find((anomaly) => anomaly.event_id === eventId) ?? (await store.anomaly(eventId)) ?? null;
  const rulingDesk = new RulingDesk(rulings, { store, detect, anomaly: anomalyOf, now, entropy: randomBytes });
  const ruleBook = new RuleBook({
    now,
    tagsOf: (sourceId) => directory.one(sourceId)?.tags ?? [],
    textsOf: (templateId) => {
      const record = tally.templates.record(templateId);
      return record ? [record.text, ...record.examples.slice(0, 1)] : [];
    },
    onAnomaly: (anomaly) => detect.raise(anomaly),
  });
  /** Of the second that closes next. */
  let closing: ClosedDetails | null = null;
  const tally = new Tally({
    maxSourcesPerTenant: config.limits.maxSourcesPerTenant,
    isBlind: (second) => blind.covers(second),
    onSource: ({ sourceId }) => {
      const source = directory.one(sourceId);
      if (source) stream.publish({ type: 'source', source });
    },
    onDetailsClosed: (_source, _second, details) => {
      closing = details;
    },
    onClosed: (source, second, counts) => {
      const details = closing && secondDetailsOf(closing);
      detect.frameClosed(source, second, counts, details);
      ruleBook.secondClosed(source, second, counts, details, closing?.details?.fields ?? []);
      closing = null;
      rates.closed(source.sourceId, second, counts);
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
        ruleBook.forgetScopes();
        stream.publish({ type: 'source', source });
      },
    },
    new Map(storedSources.map((source) => [source.source_id, source])),
  );
  // Telling people.
  const newId = () => uuidv7(now(), randomBytes(10));
  const box = new SecretBox(
    readSecretKey({ dataDir: config.dataDir, file: config.notify.secretKeyFile, randomBytes }),
    randomBytes,
  );
  // Telling people. Without the desk of incidents there is nobody to tell of, and no click has a meaning.
  const notify = new Notify({
    config,
    env: process.env,
    outbox: store.outbox,
    lease: store.notifyLease,
    channels: store.channels,
    box,
    notices: new IncidentNotices({
      detailOf: (incidentId) => incidents.detail(incidentId),
      chartOf: async (anomaly, fromMs, toMs) => {
        const range = { signal: drawnSignalOf(anomaly.signal), stepSeconds: 60, fromMs, toMs };
        const { columns } = await answerHeartbeats(heartbeats, [anomaly], range, now());
        return minutesOf(anomaly, columns);
      },
      clustersOf: ({ top_clusters = [] }) =>
        Promise.resolve(top_clusters.map(({ name, share, is_new }) => ({ name, share, isNew: is_new }))),
      consoleUrl: config.notify.consoleUrl?.replace(/\/+$/, '') ?? null,
      cluster: config.agent.code,
      onMissing: (part, err) => log.info({ event: 'notify.without', part, err }, 'the message goes without'),
    }),
    witness: toldIncidents(() => room.desk, log),
    desk: { act: (incidentId, action, actor) => room.act(incidentId, action, actor) },
    people: { nameOf: (surface, userId) => routing.nameOf(surface, userId) },
    log,
    now,
    monotonic: () => performance.now(),
    chance: Math.random,
  });

  await notify.open();

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
    channels: () => notify.summaries(),
    sources: { of: (sourceId) => directory.one(sourceId) ?? undefined },
    incidents: {
      unresolved: () => room.desk.list().filter(({ state }) => state !== 'RESOLVED'),
      one: async (incidentId) =>
        room.desk.inMemory(incidentId) ?? (await store.incidents.incident(incidentId))?.incident ?? null,
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
    commit: ({ incident, ...order }) => room.desk.carryOut(incident.incident_id, order),
    onNotice: (notice) => log.info({ event: `routing.${notice.kind}`, object: notice.object }, notice.text),
    onFailed: (err, incidentId) =>
      log.warn({ event: 'routing.failed', incident_id: incidentId, err }, 'trying again in the next round'),
    now,
    newId,
  });
  stops.add('routing memory', () => routing.save());
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
    log,
    chance: Math.random,
  });
  stops.add('stream', () => stream.close());
  const heart = new Heart({
    now,
    isLive: () => replay.hasCaughtUp,
    tick: (nowMs) => {
      blind.look(nowMs);
      tally.tick(nowMs);
    },
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
  // Anomalies to incidents.
  const room = await DeskRoom.open({
    now,
    log,
    store,
    settings: config.incidents,
    sources: () => directory.list(),
    recordsSince: async (receivedAtMs) =>
      firstBytes(journal.read(await journal.positionAt(receivedAtMs)), NEARBY_BYTES),
    newestRecords: async (receivedAtMs) =>
      firstBytes(journal.read(await journal.positionAt(receivedAtMs, EDGE_SAMPLE_JOURNAL_BYTES)), EDGE_SAMPLE_BYTES),
    notifications: routing,
    silences: new IncidentSilences(routing),
    publish: (incident) => stream.publish({ type: 'incident', incident }),
    onToTell: () => notify.wake(),
    onCollected: (incidentId) =>
      tellAdvice(
        {
          detailOf: (id) => incidents.detail(id),
          desk: room.desk,
          onAdvised: (id) => notify.showAgain(id),
          log,
        },
        incidentId,
      ),
  });
  stops.add('incidents', () => room.close());
  const runbooks = new RunbookShelf({ store: store.runbooks, now, newId });
  await runbooks.addShipped(shippedRunbooks());
  const analyst = new Analyst({ archive: store.analyses, claude: claudeSettings(config.analysis), now, log });
  const advice = new IncidentAdvice({
    shelf: runbooks,
    analyst,
    clustersOf: (incident) => explainer.ofIncident(incident),
  });
  const incidents = new IncidentReader(room.desk, store.incidents, advice, () => live.list(), now);
  const auditWatch = new AuditWatch({
    now,
    entries: (query) => store.audit(query),
    head: () => store.auditHead(),
    key: auditKey(config.dataDir),
    onCheckpoint: (checkpoint) => log.info({ event: 'audit.checkpoint', checkpoint }, 'where the audit chain stands'),
    onBroken: (seq, because) => log.error({ event: 'audit.broken', seq, because }, 'the audit chain was tampered with'),
  });

  tally.restore(restored);
  detect.restore(restored);
  ruleBook.restore(restored.ruleState ?? null, restored.openAnomalies);
  await room.takeIn();
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
  const memory = new MemoryGuard({
    limitBytes: config.limits.memoryBytes ?? memoryOfThisProcess(),
    read: () => process.memoryUsage(),
    collect: collectGarbage,
    now: () => performance.now(),
  });
  const connections = new ConnectionLimits({
    maxPerAddress: config.limits.connectionsPerAddress,
    now: () => performance.now(),
  });
  const rejections = new RejectionLog();
  const onRejection = (rejection: Rejection): void => {
    rejections.add(rejection);
    stream.publish({ type: 'rejection', rejection });
  };
  const deadLetters = new DeadLetterDesk({
    save: (letters) => store.addRefusedEvents(letters),
    onFailed: (err) => log.warn({ event: 'dead_letters.failed', err }, 'trying again later'),
  });
  const lineTap = new LineTap();
  const readings = new TextReadings(config.parsing);
  const receivers = new Receivers({
    scanner: tally,
    journal,
    onDurable: (batch, endLsn, record) => {
      lineTap.offer(record);
      replay.durable(batch, endLsn);
    },
    authenticate: (presented) => access.keys.verify(presented),
    onRejection,
    limits: { rawBytes: config.limits.bodyBytes, decodedBytes: config.limits.decompressedBytes },
    keyAllowance: {
      eventsPerSecond: config.limits.keyEventsPerSecond ?? null,
      bytesPerDay: config.limits.keyBytesPerDay ?? null,
    },
    memory,
    onRefused: (events) => deadLetters.add(events),
    readings,
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
  // What people have written down: runbooks and hooks.
  const hookTable = store.hooks(box);
  const hooks = new HookDesk({
    store: hookTable,
    runner: new HookRunner({
      store: hookTable,
      incident: async (incidentId) => (await incidents.detail(incidentId))?.incident ?? null,
      fetch: createOutwardFetch(new TargetRules(config.notify.allowPrivateHosts)),
      onRun: (run) => log.info({ event: 'hook.run', ...run, answer: undefined }, 'a hook was run'),
      now,
      newId,
      cluster: config.agent.code,
    }),
    now,
    newId,
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

  // What the agent says about itself.
  const lag = new EventLoopProbe(() => performance.now());
  lag.start();
  stops.add('event loop probe', () => lag.stop());
  const limitComplaints = new LimitComplaints(
    [
      {
        words: `sources: more than ${config.limits.maxSourcesPerTenant}; further names count together under __overflow__`,
        count: () => tally.counters['overflow'] ?? 0,
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
      accepted: tally.counters['accepted'] ?? 0,
      rejected: rejections.events,
      late: tally.counters['late'] ?? 0,
      clamped: tally.counters['clamped'] ?? 0,
      duplicateBatches: receivers.counters['repeated_batches'] ?? 0,
      unparsed: tally.counters['unparsed'] ?? 0,
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
      accepted: tally.counters['accepted'] ?? 0,
      rejected: rejections.eventsByCode,
      duplicateBatches: receivers.counters['repeated_batches'] ?? 0,
      late: tally.counters['late'] ?? 0,
      clamped: tally.counters['clamped'] ?? 0,
      pending: (tally.counters['accepted'] ?? 0) - committedAccepted,
      unparsed: tally.counters['unparsed'] ?? 0,
      dropped: { ...listeners.counts, dead_letters: deadLetters.dropped, live_lines: lineTap.skipped },
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
    checkpoint: () => ({ ageSeconds: checkpointer.ageMs / 1000, failures: failedCheckpoints }),
    detection: () => ({
      sources: tally.sources.length,
      anomaliesOpen: live.openCount,
      anomaliesRaised: detect.raised,
      dropped: detect.dropped,
    }),
    incidents: () => ({ open: room.desk.openCount, unsaved: room.desk.unsaved, lost: room.desk.lost }),
    correlation: () => ({ edgesDropped: room.edges.dropped, lost: room.collector.lost }),
    auditChainOk: () => auditWatch.isOk,
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
    limits: () => ({
      overflowEvents: tally.counters['overflow'] ?? 0,
      memoryRefusals: memory.refused,
      connectionsClosed: { ...connections.counts },
    }),
    backpressure: () => ({
      memory: Number(memory.pressure !== 'none'),
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
    readings,
    onRejection,
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
  repeat(stops, 'checkpoints', config.checkpoint.intervalMs, () => checkpointer.commit());
  repeat(stops, 'slow senders', SLOW_SENDERS_MS, async () => connections.cutSlow());
  repeat(stops, 'dead letters', DEAD_LETTERS_MS, () => deadLetters.flush());
  repeat(stops, 'desk of incidents', DESK_TICK_MS, () => room.tick());
  repeat(stops, 'audit watch', AUDIT_STEP_MS, async () => {
    await auditWatch.step().catch((err: unknown) => log.debug({ err }, 'the audit is not looked at this time'));
  });
  repeat(stops, 'retention', SWEEP_MS, async () => {
    retention.refresh();
    await Promise.all([store.sweep(ageNow()), store.outbox.sweep(ageNow() - OUTBOX_KEPT_MS)]).catch((err: unknown) =>
      log.warn({ event: 'retention.failed', err }, 'trying again later'),
    );
  });
  repeat(stops, 'canary', CANARY_LOOK_MS, async () => {
    const lastMs = canary.report.ran_at_ms;
    if (lastMs !== null && now() - lastMs < CANARY_MS) canary.look();
    else
      await canary
        .run()
        .catch((err: unknown) => log.error({ event: 'canary.failed', err }, 'the canary could not run'));
  });
  repeat(stops, 'daily states', DAILY_STATES_MS, async () => {
    await baselines
      .saveDue()
      .catch((err: unknown) => log.warn({ event: 'baseline.not_saved', err }, 'trying again later'));
  });
  repeat(stops, 'clusters', CLUSTERS_MS, async () => {
    clusters.refresh(CLUSTERED_AT_ONCE);
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
  repeat(stops, 'credentials of others', FOLLOW_MS, () => access.followOthers());
  repeat(stops, 'last uses', TOUCH_MS, () => access.saveLastUses());
  stops.add('replay', async () => {
    stopping.abort();
    await replayed;
  });

  // Open for business: after a usual restart the replay is over before anybody can ask; a long one goes on behind.
  await Promise.race([replayed, sleep(READY_WITHIN_MS)]);
  const { host, port } = config.listen;
  await api.listen({ host, port });
  searches.warmUp();
  await listeners.open();
  const address = api.server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${address.port}`;
  const runFile = join(config.dataDir, 'agent.json');
  writeFileSync(runFile, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 });
  stops.add('run file', () => rmSync(runFile, { force: true }));
  return { url, info, listeners: listeners.addresses, stop };
}

/** Blocks of a service, and of the overflow: its events went there if it came when there were too many. */
function wishOf(tenant: string, service: string, fromSecond: number, toSecond: number): BlockWish {
  const sources = [service, OVERFLOW_SERVICE].map((name) => sourceHash(tenant, name));
  return { fromMs: fromSecond * 1000, toMs: toSecond * 1000 - 1, sources, order: 'oldest' };
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
