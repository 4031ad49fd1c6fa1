import type { Database } from './postgres.ts';

/** An answer as it went out. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

/** What a request that says its key comes to. */
export type Claim =
  /** The first of its kind: do it, then keep its answer. */
  | { readonly type: 'first' }
  | { readonly type: 'answered'; readonly answer: KeptAnswer }
  | { readonly type: 'under_way' }
  /** The key was used for something else. */
  | { readonly type: 'other_request' };

/** Answers are kept so long (ux.md §2.6: a console retries within seconds, an integration within hours). */
const KEPT_MS = 86_400_000;
const MAX_KEPT = 100_000;
/** A claim without an answer is older than any request can be: its agent was killed. */
const ABANDONED_MS = 60_000;

type Row = {
  readonly is_mine: boolean;
  readonly same: boolean;
  readonly status: number | null;
  readonly body: string | null;
};

/** The first answer to each request that may be sent again, for a day. */
export class IdempotencyTable {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** @param caller keys of one caller mean nothing to another */
  async claim(caller: string, key: string, requestDigest: Uint8Array, nowMs: number): Promise<Claim> {
    const [row] = await this.#database.query<Row>(
      `WITH mine AS (
         INSERT INTO idempotency (caller, key, request_digest, at_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (caller, key) DO UPDATE SET request_digest = excluded.request_digest, at_ms = excluded.at_ms,
                                                 status = NULL, body = NULL
         WHERE idempotency.at_ms < $5 OR (idempotency.status IS NULL AND idempotency.at_ms < $6)
         RETURNING 1
       )
       SELECT true AS is_mine, true AS same, NULL::integer AS status, NULL::text AS body FROM mine
       UNION ALL
       SELECT false, request_digest = $3, status, body FROM idempotency
       WHERE caller = $1 AND key = $2 AND NOT EXISTS (SELECT 1 FROM mine)`,
      [caller, key, requestDigest, nowMs, nowMs - KEPT_MS, nowMs - ABANDONED_MS],
    );
    // Between the two halves another request has put it there: it is under way.
    if (row === undefined) return { type: 'under_way' };
    if (row.is_mine) return { type: 'first' };
    if (!row.same) return { type: 'other_request' };
    if (row.status === null || row.body === null) return { type: 'under_way' };
    return { type: 'answered', answer: { status: row.status, body: row.body } };
  }

  async keep(caller: string, key: string, { status, body }: KeptAnswer): Promise<void> {
    await this.#database.query('UPDATE idempotency SET status = $3, body = $4 WHERE caller = $1 AND key = $2', [
      caller,
      key,
      status,
      body,
    ]);
  }

  /** Nothing came of it: the next one with this key is the first again. */
  async release(caller: string, key: string): Promise<void> {
    await this.#database.query('DELETE FROM idempotency WHERE caller = $1 AND key = $2 AND status IS NULL', [
      caller,
      key,
    ]);
  }

  /** Forgets what is older than a day, and the oldest beyond 100,000. */
  async sweep(nowMs: number): Promise<void> {
    await this.#database.query(
      `DELETE FROM idempotency WHERE at_ms < $1
         OR (caller, key) IN (SELECT caller, key FROM idempotency ORDER BY at_ms DESC OFFSET $2)`,
      [nowMs - KEPT_MS, MAX_KEPT],
    );
  }
}
