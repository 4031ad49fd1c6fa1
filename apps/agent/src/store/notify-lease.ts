import type { Database } from './postgres.ts';

/**
 * Which agent empties the outbox, by the database's clock, so that replicas whose own clocks differ agree. Every change
 * of hands raises the fence; what carries an older one is refused by the outbox.
 */
export class NotifyLease {
  readonly #database: Pick<Database, 'query'>;
  readonly #holder: string;

  /** @param holder UUID of the agent: its data folder is locked, so an earlier run of the same agent is over */
  constructor(database: Pick<Database, 'query'>, holder: string) {
    this.#database = database;
    this.#holder = holder;
  }

  /** Takes the lease when it is free, or was this agent's before a crash. @returns the fence to work under, or null when somebody else holds it */
  async take(ttlMs: number): Promise<number | null> {
    const [row] = await this.#database.query<{ fence: number }>(
      `UPDATE notify_lease SET holder = $1, fence = fence + 1, expires_at = clock_timestamp() + $2 * interval '1 ms'
       WHERE expires_at < clock_timestamp() OR holder = $1 RETURNING fence`,
      [this.#holder, ttlMs],
    );
    return row?.fence ?? null;
  }

  /** False: it is somebody else's by now. */
  async renew(fence: number, ttlMs: number): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE notify_lease SET expires_at = clock_timestamp() + $3 * interval '1 ms'
       WHERE holder = $1 AND fence = $2 RETURNING fence`,
      [this.#holder, fence, ttlMs],
    );
    return rows.length === 1;
  }

  /** So that another agent need not wait for the end of the lease. */
  async release(fence: number): Promise<void> {
    await this.#database.query(`UPDATE notify_lease SET expires_at = '-infinity' WHERE holder = $1 AND fence = $2`, [
      this.#holder,
      fence,
    ]);
  }
}
