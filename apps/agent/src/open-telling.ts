/** From anomalies to people: incidents, who hears of them and through what, and the advice that goes along. */
import type { Anomaly, Incident, Rule, Source } from '@sentinellog/shared';
import { Analyst } from './analysis/analyst.ts';
import { claudeSettings } from './analysis/claude-settings.ts';
import { auditKey, AuditWatch } from './audit-watch.ts';
import type { Config } from './config/config.ts';
import type { Explainer } from './explain/explainer.ts';
import { IncidentAdvice } from './incident-advice.ts';
import { IncidentNotices } from './incident-notices.ts';
import { IncidentReader } from './incident-reader.ts';
import { firstBytes } from './journal/first-bytes.ts';
import type { Journal } from './journal/journal.ts';
import { Notify } from './notify/notify.ts';
import { SecretBox } from './notify/secret-box.ts';
import { readSecretKey } from './notify/secret-key.ts';
import { DeskRoom, type DeskRoomParts } from './open-desk.ts';
import type { StopStack } from './pipeline/stop-stack.ts';
import { IncidentSilences } from './route/incident-silences.ts';
import { openRouting } from './route/routing.ts';
import { routingStore } from './routing-store.ts';
import { RunbookShelf } from './runbooks/runbook-shelf.ts';
import { shippedRunbooks } from './runbooks/shipped-runbooks.ts';
import type { Store } from './store/store.ts';
import type { Log } from './telemetry/log.ts';
import { tellAdvice } from './told-advice.ts';
import { toldIncidents } from './told-incidents.ts';

/** Of the journal around an incident, and now and then for the service edges; compressed it is about a seventh. */
const NEARBY_BYTES = 64 * 1024 * 1024;
const EDGE_SAMPLE_BYTES = 4 * 1024 * 1024;
const EDGE_SAMPLE_JOURNAL_BYTES = 1024 * 1024;
/** Of the last day, looked through to say what a silence would cover. */
const PREVIEWED_ANOMALIES = 1000;

export interface TellingParts {
  readonly config: Config;
  readonly log: Log;
  readonly now: () => number;
  readonly newId: () => string;
  readonly entropy: (bytes: number) => Uint8Array;
  readonly store: Store;
  readonly journal: Journal;
  readonly stops: StopStack;
  readonly sources: { list(): readonly Source[]; one(sourceId: string): Source | null | undefined };
  readonly rules: { rule(ruleId: string): Rule | undefined };
  readonly liveAnomalies: () => readonly Anomaly[];
  /** The signal of an anomaly, a value a minute, for the picture in a message. */
  readonly chartOf: ConstructorParameters<typeof IncidentNotices>[0]['chartOf'];
  readonly clustersOf: Explainer['ofIncident'];
  readonly onTraced: DeskRoomParts['onTraced'];
  readonly publish: (incident: Incident) => void;
}

export type Telling = Awaited<ReturnType<typeof openTelling>>;

/** Takes in no anomaly yet: call `room.takeIn` when the sources are known. */
export async function openTelling(parts: TellingParts) {
  const { config, log, now, newId, entropy, store, journal, stops, sources, publish } = parts;
  const box = new SecretBox(
    readSecretKey({ dataDir: config.dataDir, file: config.notify.secretKeyFile, randomBytes: entropy }),
    entropy,
  );
  // Without the desk of incidents there is nobody to tell of, and no click has a meaning.
  const notify = new Notify({
    config,
    env: process.env,
    outbox: store.outbox,
    lease: store.notifyLease,
    channels: store.channels,
    box,
    notices: new IncidentNotices({
      detailOf: (incidentId) => incidents.detail(incidentId),
      chartOf: parts.chartOf,
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
  const routing = await openRouting({
    store: routingStore(store),
    channels: () => notify.summaries(),
    sources: { of: (sourceId) => sources.one(sourceId) ?? undefined },
    rules: { actionOf: (ruleId) => parts.rules.rule(ruleId)?.action },
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
  const room = await DeskRoom.open({
    now,
    log,
    store,
    settings: config.incidents,
    sources: () => sources.list(),
    recordsSince: async (receivedAtMs) =>
      firstBytes(journal.read(await journal.positionAt(receivedAtMs)), NEARBY_BYTES),
    newestRecords: async (receivedAtMs) =>
      firstBytes(journal.read(await journal.positionAt(receivedAtMs, EDGE_SAMPLE_JOURNAL_BYTES)), EDGE_SAMPLE_BYTES),
    notifications: routing,
    silences: new IncidentSilences(routing),
    publish,
    onTraced: parts.onTraced,
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
  const advice = new IncidentAdvice({ shelf: runbooks, analyst, clustersOf: parts.clustersOf });
  const incidents = new IncidentReader(room.desk, store.incidents, advice, parts.liveAnomalies, now);
  const auditWatch = new AuditWatch({
    now,
    entries: (query) => store.audit(query),
    head: () => store.auditHead(),
    key: auditKey(config.dataDir),
    onCheckpoint: (checkpoint) => log.info({ event: 'audit.checkpoint', checkpoint }, 'where the audit chain stands'),
    onBroken: (seq, because) => log.error({ event: 'audit.broken', seq, because }, 'the audit chain was tampered with'),
  });
  return { box, notify, routing, room, runbooks, advice, incidents, auditWatch };
}
