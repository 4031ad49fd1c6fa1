import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Anomaly,
  type AuditRecord,
  type BaselineVersion,
  type Exclusion,
  type SourcePatch,
  uuidv7,
  type Verdict,
} from '@sentinellog/shared';
import type { Config } from '../config/config.ts';
import type { BlockDelta, Checkpoint, ExpectedMinute, LatencyMinute, RestoredState } from '../pipeline/checkpoint.ts';
import type { TemplateBlockDelta } from '../pipeline/template-block.ts';
import { readAgentId } from './agent-id.ts';
import { AnalysisTable } from './analyses.ts';
import type { RefusedEvent } from '../pipeline/refused-event.ts';
import {
  type AnomalyPage,
  type AnomalyQuery,
  readAnomalies,
  readAnomaly,
  readJudgedAnomalies,
  readOpenAnomalies,
} from './anomalies.ts';
import { appendAudit, type AuditEntry, type AuditQuery, readAudit, readAuditHead } from './audit.ts';
import {
  readBaselineState,
  readBaselineVersions,
  readNewestVersions,
  saveBaselineVersion,
  type SavedState,
} from './baseline-versions.ts';
import type { ChainEnd } from './audit-chain.ts';
import { type BlindInterval, readBlind } from './blind-intervals.ts';
import { ChannelTable } from './channels.ts';
import { CheckpointWriter } from './checkpoint-writer.ts';
import { type ClusterChanges, type ClusterDeed, readClusters, saveClusters } from './clusters.ts';
import { accessTokenTable, type CredentialTable, IngestKeyTable, type StoredAccessToken } from './credentials.ts';
import { addRefusedEvents, readRefusedEvents, type RefusedEventPage } from './refused-events.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { type ExpectedQuery, readExpected, readLatency } from './expected-minutes.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { type FrameQuery, readFrames, readMinuteBodies, readOpenMinutes, type StoredBody } from './frame-blocks.ts';
import { IdempotencyTable } from './idempotency.ts';
import { IncidentTable } from './incidents.ts';
import { HookTable, type SecretSeal } from './hooks.ts';
import { migrate } from './migrations/migrate.ts';
import { NotifyLease } from './notify-lease.ts';
import { Outbox } from './outbox.ts';
import { Database, DATABASE_LIMITS, type DatabaseLimits, type DatabaseState, type Transaction } from './postgres.ts';
import { type Kept, sweep } from './retention.ts';
import { addExclusion, readExclusions, removeExclusion, saveVerdict } from './rulings.ts';
import { readEdges, type StoredEdge, writeEdges } from './service-edges.ts';
import { RuleTable } from './rules.ts';
import { RunbookTable } from './runbooks.ts';
import { patchSource, readProgress, readSources, type StoredSource } from './sources.ts';
import { makePrivateFolder } from './private-folder.ts';
import { RoutingDocumentTable } from './routing-documents.ts';
import { RoutingMemoryTable } from './routing-memory.ts';
import { StoreUnavailable } from './store-errors.ts';
import type { StoreLog } from './store-log.ts';
import { readTemplateBlocks } from './template-blocks.ts';
import {
  readTemplateMarks,
  readTemplates,
  saveTemplateMark,
  saveTemplateMerge,
  type TemplateMark,
  type TemplateMarks,
} from './templates.ts';
import { readWatches } from './watch-states.ts';
import { readRuleState, readTails } from './watch-tails.ts';

/** Between two tries to read the last state from a database that does not answer. */
const RESTORE_PAUSE_MS = 500;

export interface StoreOptions {
  readonly config: Pick<Config, 'dataDir' | 'database'>;
  readonly log: StoreLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Chance for ids: that many bytes. */
  readonly entropy?: (bytes: number) => Uint8Array;
  /** Shorter in tests of frozen servers. */
  readonly limits?: DatabaseLimits;
}

/**
 * Locks the data folder, starts the embedded database where no `database.url` is set, and returns at once when that
 * stands: an external database that is down is `restore`'s to wait for. Open it before the journal and close it after:
 * its lock is what keeps a second agent off the folder.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { config, log, now, entropy = randomBytes, limits = DATABASE_LIMITS } = options;
  makePrivateFolder(config.dataDir);
  const lock = lockFolder(config.dataDir);
  try {
    const agentId = readAgentId(config.dataDir, now(), entropy(10));
    const runId = uuidv7(now(), entropy(10));
    const { url } = config.database;
    const server = url === undefined ? await startEmbeddedPostgres({ dataDir: config.dataDir, log }) : undefined;
    const settings = server === undefined ? () => ({ connectionString: url }) : () => server.address();
    return new Store({ database: new Database(settings, log, limits), server, lock, agentId, runId, log, now });
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface StoreParts {
  readonly database: Database;
  readonly server: EmbeddedPostgres | undefined;
  readonly lock: FolderLock;
  readonly agentId: string;
  readonly runId: string;
  readonly log: StoreLog;
  readonly now: () => number;
}

/**
 * Everything that outlives the agent, in PostgreSQL. Calls reject with StoreUnavailable (a RequestError with code
 * `storage_unavailable`) while the database cannot be reached, within 10 s at the longest, and with StoreRefused where
 * a person has to act.
 */
export class Store {
  /** Stays the same for as long as the data folder lives. */
  readonly agentId: string;
  readonly ingestKeys: IngestKeyTable;
  readonly accessTokens: CredentialTable<StoredAccessToken>;
  readonly incidents: IncidentTable;
  readonly idempotency: IdempotencyTable;
  readonly rules: RuleTable;
  readonly runbooks: RunbookTable;
  readonly analyses: AnalysisTable;
  readonly channels: ChannelTable;
  readonly outbox: Outbox;
  readonly notifyLease: NotifyLease;
  readonly routingDocuments: RoutingDocumentTable;
  readonly routingMemory: RoutingMemoryTable;
  readonly #parts: StoreParts;
  readonly #database: Database;
  readonly #checkpoints: CheckpointWriter;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#database = parts.database;
    this.#checkpoints = new CheckpointWriter(parts.database, parts.runId, parts.agentId);
    this.agentId = parts.agentId;
    this.ingestKeys = new IngestKeyTable(parts.database);
    this.accessTokens = accessTokenTable(parts.database);
    this.incidents = new IncidentTable(
      parts.database,
      () => this.outbox,
      (transaction) => this.#checkpoints.requireClaim(transaction),
    );
    this.idempotency = new IdempotencyTable(parts.database);
    this.rules = new RuleTable(parts.database);
    this.runbooks = new RunbookTable(parts.database);
    this.analyses = new AnalysisTable(parts.database);
    this.channels = new ChannelTable(parts.database);
    this.outbox = new Outbox(parts.database, parts.now);
    this.notifyLease = new NotifyLease(parts.database, parts.agentId);
    this.routingDocuments = new RoutingDocumentTable(parts.database);
    this.routingMemory = new RoutingMemoryTable(parts.database);
  }

  /** Automation hooks, their secrets sealed by `seal`. */
  hooks(seal: SecretSeal): HookTable {
    return new HookTable(this.#database, seal);
  }

  get state(): DatabaseState {
    return this.#database.state;
  }

  /** Process id of the embedded server; undefined with an external database. */
  get serverPid(): number | undefined {
    return this.#parts.server?.pid;
  }

  /** Anomalies that the database refused since the start; they lie in the table dead_letter. */
  get deadLetters(): number {
    return this.#checkpoints.deadLetters;
  }

  /** Called on every change of `state`; returns what ends it. */
  onState(listener: (state: DatabaseState) => void): () => void {
    return this.#database.onState(listener);
  }

  /**
   * Waits for the database as long as it takes, brings its schema up to date, makes this run its only writer, and reads
   * what the last checkpoint left. Rejects with StoreRefused where waiting cannot help, and after `close`.
   */
  async restore(): Promise<RestoredState> {
    for (;;) {
      try {
        await this.#database.connect();
        return await this.#restoreNow();
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || this.#closing.signal.aborted) throw error;
        this.#parts.log.warn({ err: error }, 'the last state cannot be read yet; trying again');
        await sleep(RESTORE_PAUSE_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  async #restoreNow(): Promise<RestoredState> {
    const { agentId, log, now } = this.#parts;
    await migrate(this.#database, log, now());
    const head = await this.#checkpoints.claim();
    const foreign = head.agentId !== null && head.agentId !== agentId;
    if (foreign)
      log.warn(
        { was: head.agentId, is: agentId },
        'the database was written beside another journal; this one is read from its start',
      );
    return {
      lsn: foreign ? 0 : head.lsn,
      atMs: head.atMs,
      counters: head.counters,
      sources: await readProgress(this.#database),
      openMinutes: await readOpenMinutes(this.#database),
      watches: await readWatches(this.#database),
      tails: await readTails(this.#database),
      ruleState: await readRuleState(this.#database),
      openAnomalies: await readOpenAnomalies(this.#database),
      templates: await readTemplates(this.#database),
    };
  }

  /**
   * All of the checkpoint in one transaction, or nothing. After a rejection give everything back and commit it again
   * later, alone or with more: what was stored although the answer was lost is not counted twice.
   */
  commit(checkpoint: Checkpoint): Promise<void> {
    return this.#checkpoints.commit(checkpoint);
  }

  /**
   * Stored blocks by source and start. Rejects with StoreUnavailable between a commit whose answer was lost and the
   * next one, as stored and pending counts cannot be told apart in that time.
   */
  async frames(query: FrameQuery): Promise<BlockDelta[]> {
    this.#requireNoDoubt();
    return readFrames(this.#database, query);
  }

  /** Stored minutes of one source, second by second and not decoded, ascending, in pages. */
  minuteBodies(query: {
    readonly sourceId: string;
    readonly fromSecond: number;
    readonly toSecond: number;
  }): AsyncGenerator<readonly StoredBody[]> {
    return readMinuteBodies(this.#database, query);
  }

  /** As `frames`, of template counts. */
  async templateBlocks(query: FrameQuery): Promise<TemplateBlockDelta[]> {
    this.#requireNoDoubt();
    return readTemplateBlocks(this.#database, query);
  }

  /** Names, pins and merges that people made. */
  templateMarks(): Promise<TemplateMarks> {
    return readTemplateMarks(this.#database);
  }

  /** False: there is no such template in the store (yet). */
  saveTemplateMark(mark: TemplateMark, actor: string): Promise<boolean> {
    return saveTemplateMark(this.#database, mark, { actor, atMs: this.#parts.now() });
  }

  /** Templates shown as one from now on, or, with `to` null, on their own again. */
  saveTemplateMerge(
    merge: { readonly from: readonly string[]; readonly to: string | null },
    actor: string,
  ): Promise<void> {
    return saveTemplateMerge(this.#database, merge, { actor, atMs: this.#parts.now() });
  }

  /** Clusters of templates as they were found and arranged. */
  clusters(): Promise<ClusterChanges> {
    return readClusters(this.#database);
  }

  /** @param deed what a person did; undefined where the agent found it */
  saveClusters(changes: ClusterChanges, deed?: ClusterDeed): Promise<void> {
    return saveClusters(this.#database, changes, this.#parts.now(), deed);
  }

  /** The baseline as it stood when each minute was scored, by source and minute; numbers to seven digits. */
  expected(query: ExpectedQuery): Promise<ExpectedMinute[]> {
    return readExpected(this.#database, query);
  }

  /** The p99 of durations as it was measured and scored, minute by minute; numbers to seven digits. */
  latency(query: Omit<ExpectedQuery, 'signal'>): Promise<LatencyMinute[]> {
    return readLatency(this.#database, query);
  }

  /** Stretches in which the agent was not looking, in unix seconds, that touch [fromSecond, toSecond). */
  blind(fromSecond: number, toSecond: number): Promise<BlindInterval[]> {
    return readBlind(this.#database, fromSecond, toSecond);
  }

  /** Every source with its settings, by tenant and service. */
  sources(): Promise<StoredSource[]> {
    return readSources(this.#database);
  }

  /** undefined: there is no such source. RequestError `invalid_request`: the time zone does not exist. */
  patchSource(sourceId: string, patch: SourcePatch, actor: string): Promise<StoredSource | undefined> {
    return patchSource(this.#database, sourceId, patch, { actor, atMs: this.#parts.now() });
  }

  /** Newest start first. Rejects with UnknownCursor for a cursor that no page has given out. */
  anomalies(query: AnomalyQuery): Promise<AnomalyPage> {
    return readAnomalies(this.#database, query);
  }

  /** @param eventId a UUID; anything else is refused by the database */
  anomaly(eventId: string): Promise<Anomaly | undefined> {
    return readAnomaly(this.#database, eventId);
  }

  /** All of `work` or nothing of it; what several tables must say together. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#database.transaction(work);
  }

  /** Keeps the newest 10,000. */
  addRefusedEvents(letters: readonly RefusedEvent[]): Promise<void> {
    return addRefusedEvents(this.#database, letters);
  }

  /** Newest first. */
  refusedEventPage(limit: number, cursor?: number): Promise<RefusedEventPage> {
    return readRefusedEvents(this.#database, limit, cursor);
  }

  /** Anomalies that people have judged and that started since, with their verdicts. */
  judgedAnomalies(sinceMs: number): Promise<Anomaly[]> {
    return readJudgedAnomalies(this.#database, sinceMs);
  }

  /** null takes a verdict back. The change and its audit entry are one transaction; no change leaves no entry. */
  saveVerdict(eventId: string, sourceId: string, verdict: Verdict | null, actor: string): Promise<void> {
    return saveVerdict(this.#database, { eventId, sourceId, verdict }, { actor, atMs: this.#parts.now() });
  }

  /** Exclusions that reach past `sinceMs`. */
  exclusions(sinceMs: number): Promise<Exclusion[]> {
    return readExclusions(this.#database, sinceMs);
  }

  addExclusion(exclusion: Exclusion): Promise<void> {
    return addExclusion(this.#database, exclusion);
  }

  /** False: there is no such exclusion. */
  removeExclusion(exclusionId: string, actor: string): Promise<boolean> {
    return removeExclusion(this.#database, exclusionId, { actor, atMs: this.#parts.now() });
  }

  /** Saves a state of what a source has learnt; the newest ten of a source are kept. */
  saveBaselineVersion(saved: SavedState): Promise<void> {
    return saveBaselineVersion(this.#database, saved);
  }

  /** Newest first. */
  baselineVersions(sourceId: string): Promise<BaselineVersion[]> {
    return readBaselineVersions(this.#database, sourceId);
  }

  baselineState(sourceId: string, versionId: string): Promise<SavedState | undefined> {
    return readBaselineState(this.#database, sourceId, versionId);
  }

  /** When each source was last saved, in milliseconds. */
  newestBaselineVersions(): Promise<ReadonlyMap<string, number>> {
    return readNewestVersions(this.#database);
  }

  appendAudit(entry: AuditEntry): Promise<void> {
    return this.#database.transaction((transaction) => appendAudit(transaction, entry));
  }

  audit(query: AuditQuery): Promise<AuditRecord[]> {
    return readAudit(this.#database, query);
  }

  /** Where the audit chain ends, as it was written with its last entry. */
  auditHead(): Promise<ChainEnd> {
    return readAuditHead(this.#database);
  }

  serviceEdges(): Promise<StoredEdge[]> {
    return readEdges(this.#database);
  }

  /** All of them: what is not named is forgotten. */
  saveServiceEdges(edges: readonly StoredEdge[]): Promise<void> {
    return writeEdges(this.#database, edges);
  }

  /** Removes what is older than its retention, in small steps; call it every few minutes. */
  async sweep(nowMs: number): Promise<Readonly<Record<Kept, number>>> {
    await this.idempotency.sweep(nowMs);
    return sweep(this.#database, nowMs);
  }

  /** Ends the connections, stops the embedded server, and lets go of the data folder. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #requireNoDoubt(): void {
    if (this.#checkpoints.inDoubt)
      throw new StoreUnavailable('the last checkpoint is being checked; ask again in a few seconds');
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    try {
      await this.#database.close();
      await this.#parts.server?.stop();
    } finally {
      this.#parts.lock.release();
    }
  }
}
