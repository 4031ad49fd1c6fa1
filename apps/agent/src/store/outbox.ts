import { z } from 'zod';
import { type Delivery, TRANSITIONS } from '../pipeline/delivery.ts';
import { fromStorableJson, fromStorableText, toStorableJson, toStorableText } from './lossless-text.ts';
import type { Database, Transaction } from './postgres.ts';

/** A delivery on its way, as the worker sees it. */
export interface OutboxRow extends Delivery {
  readonly outboxId: number;
  readonly createdAtMs: number;
  readonly attempts: number;
  /** An attempt may have arrived although nobody saw the answer: look before saying it again. */
  readonly inDoubt: boolean;
  /** The channel itself told us of this transition. */
  readonly heard: boolean;
  /** What the channel calls the incident on its side; null before the first message. */
  readonly ref: unknown;
}

/** How much waits in one channel. */
export interface Backlog {
  readonly channelId: string;
  readonly pending: number;
  /** When the oldest of them could have gone out; null when nothing is late. */
  readonly oldestDueMs: number | null;
}

/** Said again by the channel within this time of our own transition, it is an echo. */
const ECHO_MS = 60_000;
/** Rows looked at in one go: more than a minute of any channel. */
const MOST_DUE = 500;

const DeliveryRow = z.object({
  outbox_id: z.number(),
  incident_id: z.string(),
  channel_id: z.string(),
  transition: z.enum(TRANSITIONS),
  turn: z.number(),
  not_before_ms: z.number(),
  because: z.string().transform(fromStorableText),
  batch: z.boolean(),
  created_at_ms: z.number(),
  attempts: z.number(),
  in_doubt: z.boolean(),
});
const DueRow = DeliveryRow.extend({ heard: z.boolean(), ref: z.string().nullable() });
const BacklogRow = z.object({ channel_id: z.string(), pending: z.number(), oldest_due_ms: z.number().nullable() });

/**
 * Where deliveries wait until a channel has taken them. Rows are written inside the transaction of the change they
 * speak of; every later step is guarded by the fence of the sender's lease, so that a sender who was replaced while he
 * slept changes nothing.
 */
export class Outbox {
  readonly #database: Pick<Database, 'query' | 'transaction'>;
  readonly #now: () => number;

  constructor(database: Pick<Database, 'query' | 'transaction'>, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Inserts what is not there yet; the same delivery a second time is nothing. */
  async insert(transaction: Transaction, deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const column = <T>(read: (delivery: Delivery) => T) => deliveries.map(read);
    await transaction.query(
      `INSERT INTO outbox (incident_id, channel_id, transition, turn, not_before_ms, due_ms, because, batch, created_at_ms)
       SELECT d.incident_id, d.channel_id, d.transition, d.turn, greatest(d.not_before_ms, $8),
              greatest(d.not_before_ms, $8), d.because, d.batch, $8
       FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::boolean[])
         AS d (incident_id, channel_id, transition, turn, not_before_ms, because, batch)
       ON CONFLICT (incident_id, channel_id, transition, turn) DO NOTHING`,
      [
        column(({ incidentId }) => incidentId),
        column(({ channelId }) => channelId),
        column(({ transition }) => transition),
        column(({ turn }) => turn),
        column(({ notBeforeMs }) => Math.floor(notBeforeMs)),
        column(({ because }) => toStorableText(because)),
        column(({ batch }) => batch),
        this.#now(),
      ],
    );
  }

  /**
   * Takes back what no channel has been given yet.
   * @returns how many of this transition may have left the building: those need a delivery that says the opposite
   */
  async cancel(transaction: Transaction, incidentId: string, transition: Delivery['transition']): Promise<number> {
    await transaction.query(
      `UPDATE outbox SET state = 'cancelled', done_at_ms = $3, outcome = 'undone'
       WHERE incident_id = $1 AND transition = $2 AND state = 'pending' AND attempts = 0`,
      [incidentId, transition, this.#now()],
    );
    const [left] = await transaction.query<{ count: number }>(
      `SELECT count(*) AS count FROM outbox
       WHERE incident_id = $1 AND transition = $2 AND state IN ('pending', 'sending', 'sent')`,
      [incidentId, transition],
    );
    return left.count;
  }

  /**
   * The first open delivery of each incident and channel, where its time has come: a resolve never overtakes its
   * trigger. What another sender left half done is among them.
   */
  async due(fence: number): Promise<OutboxRow[]> {
    const nowMs = this.#now();
    // An update that a later delivery will show anyway is not worth a message of its own; and a first message that is held
    // (office hours, a batch) must not stand before one that may go out at once since the severity has risen.
    await this.#database.query(
      `UPDATE outbox o SET state = 'dropped', done_at_ms = $1, outcome = 'superseded'
       WHERE (o.transition = 'updated' OR (o.transition = 'opened' AND o.not_before_ms > $1))
         AND o.state = 'pending' AND NOT o.in_doubt
         AND EXISTS (SELECT 1 FROM outbox later WHERE later.incident_id = o.incident_id
                     AND later.channel_id = o.channel_id AND later.state IN ('pending', 'sending')
                     AND (later.turn, later.outbox_id) > (o.turn, o.outbox_id) AND later.not_before_ms <= $1
                     AND (o.transition = 'updated' OR later.transition = 'opened'))`,
      [nowMs],
    );
    const rows = await this.#database.query(
      `SELECT head.*, t.ref::text AS ref,
              EXISTS (SELECT 1 FROM notify_heard h WHERE h.incident_id = head.incident_id
                      AND h.channel_id = head.channel_id AND h.transition = head.transition
                      AND h.at_ms BETWEEN head.created_at_ms - $3 AND head.created_at_ms + $3) AS heard
       FROM (SELECT DISTINCT ON (channel_id, incident_id) * FROM outbox
             WHERE state IN ('pending', 'sending') ORDER BY channel_id, incident_id, turn, outbox_id) head
       LEFT JOIN notify_thread t USING (incident_id, channel_id)
       WHERE head.due_ms <= $1 AND head.not_before_ms <= $1 AND (head.state = 'pending' OR head.fence < $2)
       ORDER BY head.outbox_id LIMIT ${MOST_DUE}`,
      [nowMs, fence, ECHO_MS],
    );
    return rows.map((row) => {
      const { heard, ref, ...delivery } = DueRow.parse(row);
      return { ...rowOf(delivery), heard, ref: ref === null ? null : fromStorableJson(ref) };
    });
  }

  /**
   * Marks them as being sent under this fence. Those that come back may be sent; none comes back once the lease has
   * gone to somebody else. `inDoubt` is true where an earlier sender never told how it ended.
   */
  async claim(rows: readonly OutboxRow[], fence: number): Promise<OutboxRow[]> {
    const claimed = await this.#database.query(
      `UPDATE outbox SET state = 'sending', fence = $2, attempts = attempts + 1, in_doubt = in_doubt OR state = 'sending'
       WHERE outbox_id = ANY($1::bigint[]) AND (state = 'pending' OR (state = 'sending' AND fence < $2))
         AND EXISTS (SELECT 1 FROM notify_lease l WHERE l.fence = $2 AND l.expires_at > clock_timestamp())
       RETURNING *`,
      [rows.map(({ outboxId }) => outboxId), fence],
    );
    const fresh = new Map(claimed.map((row) => DeliveryRow.parse(row)).map((row) => [row.outbox_id, row]));
    return rows.flatMap((row) => {
      const now = fresh.get(row.outboxId);
      return now === undefined ? [] : [{ ...row, attempts: now.attempts, inDoubt: now.in_doubt }];
    });
  }

  /** @param ref null: the channel needs to remember nothing new */
  async sent(rows: readonly OutboxRow[], fence: number, messageId: string, ref: unknown): Promise<void> {
    const nowMs = this.#now();
    await this.#database.transaction(async (transaction) => {
      const settled = await transaction.query(
        `UPDATE outbox SET state = 'sent', done_at_ms = $3, outcome = 'sent', message_id = $4
         WHERE outbox_id = ANY($1::bigint[]) AND fence = $2 AND state = 'sending' RETURNING outbox_id`,
        [rows.map(({ outboxId }) => outboxId), fence, nowMs, toStorableText(messageId)],
      );
      if (ref === null) return;
      // Whoever took over knows better what the channel shows now.
      const clash = settled.length > 0 ? 'UPDATE SET ref = excluded.ref, at_ms = excluded.at_ms' : 'NOTHING';
      await transaction.query(
        `INSERT INTO notify_thread (incident_id, channel_id, ref, at_ms)
         SELECT i, $2, $3::jsonb, $4 FROM unnest($1::text[]) AS i GROUP BY i
         ON CONFLICT (incident_id, channel_id) DO ${clash}`,
        [rows.map(({ incidentId }) => incidentId), rows[0].channelId, toStorableJson(ref), nowMs],
      );
    });
  }

  async retryAt(rows: readonly OutboxRow[], fence: number, dueMs: number, reason: string): Promise<void> {
    await this.#database.query(
      `UPDATE outbox SET state = 'pending', due_ms = $3, outcome = $4, in_doubt = d.in_doubt
       FROM unnest($1::bigint[], $5::boolean[]) AS d (id, in_doubt)
       WHERE outbox_id = d.id AND fence = $2 AND state = 'sending'`,
      [
        rows.map(({ outboxId }) => outboxId),
        fence,
        Math.ceil(dueMs),
        toStorableText(reason),
        rows.map(({ inDoubt }) => inDoubt),
      ],
    );
  }

  async drop(rows: readonly OutboxRow[], fence: number, reason: string): Promise<void> {
    await this.#database.query(
      `UPDATE outbox SET state = 'dropped', done_at_ms = $3, outcome = $4
       WHERE outbox_id = ANY($1::bigint[]) AND fence = $2 AND state = 'sending'`,
      [rows.map(({ outboxId }) => outboxId), fence, this.#now(), toStorableText(reason)],
    );
  }

  /** The channel takes deliveries again: nothing waits out a pause that was meant for its outage. */
  async hurry(channelId: string): Promise<void> {
    await this.#database.query(
      `UPDATE outbox SET due_ms = not_before_ms WHERE channel_id = $1 AND state = 'pending' AND due_ms > not_before_ms`,
      [channelId],
    );
  }

  /**
   * Copies what `channelId` could not say since `lateSinceMs` to `failover`, and whatever follows in those incidents.
   * @returns how many deliveries were added
   */
  async failOver(channelId: string, failover: string, lateSinceMs: number, because: string): Promise<number> {
    const rows = await this.#database.query(
      `WITH moved AS (
         UPDATE outbox o SET failed_over = true
         WHERE o.channel_id = $1 AND NOT o.failed_over AND o.state IN ('pending', 'sending', 'sent')
           AND ((o.state <> 'sent' AND o.not_before_ms <= $3)
                OR EXISTS (SELECT 1 FROM outbox e WHERE e.incident_id = o.incident_id AND e.channel_id = $1
                           AND e.failed_over AND (e.turn, e.outbox_id) < (o.turn, o.outbox_id)))
         RETURNING o.*)
       INSERT INTO outbox (incident_id, channel_id, transition, turn, not_before_ms, due_ms, because, batch, created_at_ms)
       SELECT incident_id, $2, transition, turn, $5, $5, $4, false, $5 FROM moved ORDER BY outbox_id
       ON CONFLICT (incident_id, channel_id, transition, turn) DO NOTHING RETURNING outbox_id`,
      [channelId, failover, lateSinceMs, toStorableText(because), this.#now()],
    );
    return rows.length;
  }

  /** Gives up what nobody wants to read any more, and what names a channel that is gone. */
  async expire(olderThanMs: number, channelIds: readonly string[]): Promise<number> {
    const rows = await this.#database.query(
      `UPDATE outbox SET state = 'dropped', done_at_ms = $3,
              outcome = CASE WHEN channel_id = ANY($2::text[]) THEN 'expired' ELSE 'channel_gone' END
       WHERE state = 'pending' AND not_before_ms <= $3 AND (not_before_ms < $1 OR NOT (channel_id = ANY($2::text[])))
       RETURNING outbox_id`,
      [olderThanMs, channelIds, this.#now()],
    );
    return rows.length;
  }

  async backlog(): Promise<Backlog[]> {
    const rows = await this.#database.query(
      `SELECT channel_id, count(*) AS pending, min(not_before_ms) FILTER (WHERE not_before_ms <= $1) AS oldest_due_ms
       FROM outbox WHERE state IN ('pending', 'sending') GROUP BY channel_id`,
      [this.#now()],
    );
    return rows
      .map((row) => BacklogRow.parse(row))
      .map((row) => ({ channelId: row.channel_id, pending: row.pending, oldestDueMs: row.oldest_due_ms }));
  }

  /** What the channel calls the incident on its side; null when it was never told. */
  async refOf(incidentId: string, channelId: string): Promise<unknown> {
    const [row] = await this.#database.query<{ ref: string }>(
      'SELECT ref::text AS ref FROM notify_thread WHERE incident_id = $1 AND channel_id = $2',
      [incidentId, channelId],
    );
    return row === undefined ? null : fromStorableJson(row.ref);
  }

  /** Every incident that this message of the channel stands for, digests included. */
  async incidentsOf(channelId: string, ref: unknown): Promise<string[]> {
    const rows = await this.#database.query<{ incident_id: string }>(
      'SELECT incident_id FROM notify_thread WHERE channel_id = $1 AND ref = $2::jsonb ORDER BY incident_id',
      [channelId, toStorableJson(ref)],
    );
    return rows.map((row) => row.incident_id);
  }

  /** The channel itself says that this happened: it is not told again. */
  async heard(incidentId: string, channelId: string, transition: Delivery['transition']): Promise<void> {
    await this.#database.query(
      `INSERT INTO notify_heard VALUES ($1, $2, $3, $4)
       ON CONFLICT (incident_id, channel_id, transition) DO UPDATE SET at_ms = excluded.at_ms`,
      [incidentId, channelId, transition, this.#now()],
    );
  }

  /** Removes what was settled before `beforeMs`. */
  async sweep(beforeMs: number): Promise<void> {
    await this.#database.query(
      `DELETE FROM outbox WHERE outbox_id IN (SELECT outbox_id FROM outbox WHERE done_at_ms < $1 LIMIT 1000)`,
      [beforeMs],
    );
    await this.#database.query('DELETE FROM notify_thread WHERE at_ms < $1', [beforeMs]);
    await this.#database.query('DELETE FROM notify_heard WHERE at_ms < $1', [beforeMs]);
  }
}

function rowOf(row: z.infer<typeof DeliveryRow>): Omit<OutboxRow, 'heard' | 'ref'> {
  return {
    outboxId: row.outbox_id,
    incidentId: row.incident_id,
    channelId: row.channel_id,
    transition: row.transition,
    turn: row.turn,
    notBeforeMs: row.not_before_ms,
    because: row.because,
    batch: row.batch,
    createdAtMs: row.created_at_ms,
    attempts: row.attempts,
    inDoubt: row.in_doubt,
  };
}
