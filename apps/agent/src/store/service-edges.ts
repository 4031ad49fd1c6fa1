import { fromStorableText, toStorableText } from './lossless-text.ts';
import type { Database } from './postgres.ts';

export interface StoredEdge {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly weight: number;
  readonly led: number;
}

type Row = {
  readonly tenant: string;
  readonly from_service: string;
  readonly to_service: string;
  readonly weight: number;
  readonly led: number;
};

export async function readEdges(database: Pick<Database, 'query'>): Promise<StoredEdge[]> {
  const rows = await database.query<Row>(
    'SELECT tenant, from_service, to_service, weight, led FROM service_edge ORDER BY weight DESC',
  );
  return rows.map((row) => ({
    tenant: fromStorableText(row.tenant),
    from: fromStorableText(row.from_service),
    to: fromStorableText(row.to_service),
    weight: row.weight,
    led: row.led,
  }));
}

/** All of them: what is not named is forgotten. */
export async function writeEdges(database: Pick<Database, 'transaction'>, edges: readonly StoredEdge[]): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query('DELETE FROM service_edge');
    await transaction.query(
      'INSERT INTO service_edge SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::double precision[], $5::double precision[])',
      [
        edges.map(({ tenant }) => toStorableText(tenant)),
        edges.map(({ from }) => toStorableText(from)),
        edges.map(({ to }) => toStorableText(to)),
        edges.map(({ weight }) => weight),
        edges.map(({ led }) => led),
      ],
    );
  });
}
