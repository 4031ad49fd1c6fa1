import { type Analysis, AnalysisSchema } from '@sentinellog/shared';
import { fromStorableJson, toStorableJson } from './lossless-text.ts';
import type { Database } from './postgres.ts';

/** What a language model answered, kept so that the same question is paid for once. */
export class AnalysisTable {
  readonly #database: Pick<Database, 'query'>;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  async find(incidentId: string, promptHash: string): Promise<Analysis | null> {
    return this.#read('incident_id = $1 AND prompt_hash = $2', [incidentId, promptHash]);
  }

  async newest(incidentId: string): Promise<Analysis | null> {
    return this.#read('incident_id = $1', [incidentId]);
  }

  async save(entry: {
    readonly incidentId: string;
    readonly promptHash: string;
    readonly tokens: number;
    readonly analysis: Analysis;
  }): Promise<void> {
    await this.#database.query(
      `INSERT INTO analysis (incident_id, prompt_hash, at_ms, tokens, body) VALUES ($1, $2, $3, $4, $5::jsonb)
       ON CONFLICT (incident_id, prompt_hash) DO NOTHING`,
      [entry.incidentId, entry.promptHash, entry.analysis.at_ms, entry.tokens, toStorableJson(entry.analysis)],
    );
  }

  async tokensSince(ms: number): Promise<number> {
    const [row] = await this.#database.query<{ tokens: number }>(
      'SELECT coalesce(sum(tokens), 0)::float8 AS tokens FROM analysis WHERE at_ms >= $1',
      [ms],
    );
    return row?.tokens ?? 0;
  }

  async #read(where: string, values: readonly unknown[]): Promise<Analysis | null> {
    const [row] = await this.#database.query<{ body: string }>(
      `SELECT body::text AS body FROM analysis WHERE ${where} ORDER BY at_ms DESC LIMIT 1`,
      values,
    );
    return row === undefined ? null : AnalysisSchema.parse(fromStorableJson(row.body));
  }
}
