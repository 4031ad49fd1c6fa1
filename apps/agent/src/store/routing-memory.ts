import { RoutingNoticeSchema, type RoutingNotice, SEVERITIES, SilenceSchema } from '@sentinellog/shared';
import { z } from 'zod';
import { appendAudit, type AuditEntry } from './audit.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

const WEEK_MS = 7 * 86_400_000;
/** Records of incidents that nothing has happened to for so long are not read any more. */
const RECORDS_MS = 30 * 86_400_000;
/** As many as routing keeps in memory. */
const MOST_ROWS = 20_000;

const json = z.string().transform(fromStorableJson);
const known = z.union([z.array(z.string()), z.literal('unknown')]).readonly();
const StoredSilenceSchema = z.object({
  silence: SilenceSchema,
  untilWorse: z.boolean(),
  baseline: z
    .object({
      severity: z.enum(SEVERITIES),
      peakScore: z.number(),
      eventsPerMinute: z.union([z.number(), z.literal('unknown')]),
      templateIds: known,
    })
    .nullable(),
  hiddenAlertIds: z.array(z.string()).readonly(),
});
const RecordSchema = z.object({
  incidentId: z.string(),
  atMs: z.number(),
  waitingSinceMs: z.number(),
  told: z.record(z.string(), z.object({ notBeforeMs: z.number(), batchMinutes: z.number().nullable() })),
  toldSeverity: z.enum(SEVERITIES).nullable(),
  hiddenBy: z.array(z.string()).readonly(),
  saidSilenceId: z.string().nullable(),
});
const RunSchema = z.object({
  windowId: z.string(),
  name: z.string(),
  startsAtMs: z.number(),
  endsAtMs: z.number(),
  incidentIds: z.array(z.string()).readonly(),
  notices: z.number(),
  isOver: z.boolean(),
});
const StepSchema = z.object({ incidentId: z.string(), waitingSinceMs: z.number(), step: z.string() });
const PageSchema = z.object({
  atMs: z.number(),
  incidentId: z.string(),
  subjects: z.array(z.string().transform(fromStorableText)).readonly(),
});

type StoredSilence = Readonly<z.infer<typeof StoredSilenceSchema>>;
type IncidentRecord = Readonly<z.infer<typeof RecordSchema>>;
type WindowRun = Readonly<z.infer<typeof RunSchema>>;
type Page = Readonly<z.infer<typeof PageSchema>>;

interface Memory {
  readonly silences: readonly StoredSilence[];
  readonly records: readonly IncidentRecord[];
  readonly pages: readonly Page[];
  readonly runs: readonly WindowRun[];
}

interface RestoredMemory extends Memory {
  /** Escalation steps that are done. */
  readonly steps: readonly z.infer<typeof StepSchema>[];
}

/** What routing remembers from one run of the agent to the next. */
export class RoutingMemoryTable {
  readonly #database: Pick<Database, 'query' | 'transaction'>;

  constructor(database: Pick<Database, 'query' | 'transaction'>) {
    this.#database = database;
  }

  async readMemory(nowMs: number): Promise<RestoredMemory> {
    const bodies = async (table: string, where: string, values: readonly unknown[]) =>
      (
        await this.#database.query(`SELECT body::text AS body FROM ${table} WHERE ${where} LIMIT ${MOST_ROWS}`, values)
      ).map(({ body }) => json.parse(body));
    const silences = await bodies('silence', 'ended_at_ms IS NULL OR ended_at_ms > $1', [nowMs - WEEK_MS]);
    const records = await bodies('incident_routing', 'at_ms > $1', [nowMs - RECORDS_MS]);
    const runs = await bodies('window_run', 'NOT is_over', []);
    const pages = await this.#database.query(
      `SELECT at_ms AS "atMs", incident_id AS "incidentId", subjects FROM page_sent WHERE at_ms > $1
       ORDER BY at_ms DESC LIMIT ${MOST_ROWS}`,
      [nowMs - WEEK_MS],
    );
    const steps = await this.#database.query(
      `SELECT incident_id AS "incidentId", waiting_since_ms AS "waitingSinceMs", step FROM escalation_step
       WHERE at_ms > $1 ORDER BY at_ms DESC LIMIT ${MOST_ROWS}`,
      [nowMs - RECORDS_MS],
    );
    return {
      steps: steps.map((row) => StepSchema.parse(row)),
      silences: silences.map((body) => StoredSilenceSchema.parse(body)),
      records: records.map((body) => RecordSchema.parse(body)).toSorted((a, b) => a.atMs - b.atMs),
      runs: runs.map((body) => RunSchema.parse(body)),
      pages: pages.map((row) => PageSchema.parse(row)).toReversed(),
    };
  }

  /** All of it in one transaction; what is stored already is overwritten. */
  saveMemory(memory: Memory & { readonly notices: readonly RoutingNotice[] }): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      for (const silence of memory.silences) await putSilence(transaction, silence);
      await putRecords(transaction, memory.records);
      await putRuns(transaction, memory.runs);
      await addPages(transaction, memory.pages);
      await addNotices(transaction, memory.notices);
    });
  }

  /** One silence as a person made or ended it, with its audit entry. */
  saveSilence(silence: StoredSilence, entry: Omit<AuditEntry, 'object' | 'detail'>): Promise<void> {
    return this.#database.transaction(async (transaction) => {
      await putSilence(transaction, silence);
      const { silence_id, scope, reason, ends_at_ms, hid } = silence.silence;
      const detail = { scope, reason, ends_at_ms, hid };
      await appendAudit(transaction, { ...entry, object: silence_id, detail });
    });
  }

  /**
   * Runs `alongside` in the transaction that marks these steps as done, unless all of them are: so that a step is carried
   * out once, whatever breaks when, and however many agents try.
   */
  doSteps(
    order: {
      readonly incidentId: string;
      readonly waitingSinceMs: number;
      readonly steps: readonly string[];
      readonly atMs: number;
    },
    alongside: (transaction: Transaction) => Promise<void>,
  ): Promise<'done' | 'repeated'> {
    return this.#database.transaction(async (transaction) => {
      const fresh = await transaction.query(
        `INSERT INTO escalation_step (incident_id, waiting_since_ms, step, at_ms)
         SELECT $1, $2, step, $4 FROM unnest($3::text[]) AS step ON CONFLICT DO NOTHING RETURNING step`,
        [order.incidentId, order.waitingSinceMs, order.steps, order.atMs],
      );
      if (fresh.length === 0) return 'repeated';
      await alongside(transaction);
      return 'done';
    });
  }

  /** Newest first. */
  async notices(limit: number): Promise<readonly RoutingNotice[]> {
    const rows = await this.#database.query(
      'SELECT body::text AS body FROM routing_notice ORDER BY at_ms DESC, notice_id DESC LIMIT $1',
      [limit],
    );
    return rows.map(({ body }) => RoutingNoticeSchema.parse(json.parse(body)));
  }
}

async function putSilence(transaction: Transaction, silence: StoredSilence): Promise<void> {
  await transaction.query(
    `INSERT INTO silence (silence_id, ended_at_ms, body) VALUES ($1, $2, $3)
     ON CONFLICT (silence_id) DO UPDATE SET ended_at_ms = excluded.ended_at_ms, body = excluded.body`,
    [silence.silence.silence_id, silence.silence.ended_at_ms, toStorableJson(silence)],
  );
}

async function putRecords(transaction: Transaction, records: readonly IncidentRecord[]): Promise<void> {
  await transaction.query(
    `INSERT INTO incident_routing (incident_id, at_ms, body)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::jsonb[])
     ON CONFLICT (incident_id) DO UPDATE SET at_ms = excluded.at_ms, body = excluded.body`,
    [
      records.map(({ incidentId }) => incidentId),
      records.map(({ atMs }) => Math.floor(atMs)),
      records.map((record) => toStorableJson(record)),
    ],
  );
}

async function putRuns(transaction: Transaction, runs: readonly WindowRun[]): Promise<void> {
  await transaction.query(
    `INSERT INTO window_run (window_id, starts_at_ms, is_over, body)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::boolean[], $4::jsonb[])
     ON CONFLICT (window_id, starts_at_ms) DO UPDATE SET is_over = excluded.is_over, body = excluded.body`,
    [
      runs.map(({ windowId }) => windowId),
      runs.map(({ startsAtMs }) => startsAtMs),
      runs.map(({ isOver }) => isOver),
      runs.map((run) => toStorableJson(run)),
    ],
  );
}

async function addPages(transaction: Transaction, pages: readonly Page[]): Promise<void> {
  for (const { atMs, incidentId, subjects } of pages)
    await transaction.query('INSERT INTO page_sent (at_ms, incident_id, subjects) VALUES ($1, $2, $3)', [
      Math.floor(atMs),
      incidentId,
      subjects.map(toStorableText),
    ]);
}

async function addNotices(transaction: Transaction, notices: readonly RoutingNotice[]): Promise<void> {
  await transaction.query(
    `INSERT INTO routing_notice (notice_id, at_ms, body)
     SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::jsonb[]) ON CONFLICT DO NOTHING`,
    [
      notices.map(({ notice_id }) => notice_id),
      notices.map(({ at_ms }) => Math.floor(at_ms)),
      notices.map((notice) => toStorableJson(notice)),
    ],
  );
}
