import type { DrawnSignal, Signal } from '@sentinellog/shared';
import type { ExpectedMinute, LatencyMinute } from '../pipeline/checkpoint.ts';
import type { Database, Transaction } from './postgres.ts';

const CHUNK = 1000;
const MINUTES = 60;
const HOUR = 3600;
const FIELDS = 4;

type HourRow = {
  readonly hour: number;
  readonly source_id: string;
  readonly signal: DrawnSignal;
  readonly body: Uint8Array;
};

/** A minute of one series in four numbers; the first is never NaN. */
interface MinuteRow {
  readonly sourceId: string;
  readonly signal: DrawnSignal;
  readonly minute: number;
  readonly numbers: readonly [number, number, number, number];
}

export interface ExpectedQuery {
  readonly sourceIds: readonly string[];
  readonly signal: Signal;
  /** Unix seconds; minutes that start in [fromSecond, toSecond), or hold fromSecond. */
  readonly fromSecond: number;
  readonly toSecond: number;
}

export async function readExpected(database: Pick<Database, 'query'>, query: ExpectedQuery): Promise<ExpectedMinute[]> {
  const { signal } = query;
  return (await readMinutes(database, query)).map(
    ({ sourceId, minute, numbers: [rate, dispersion, relative, sigma] }) => {
      return { sourceId, signal, minute, rate, dispersion, relative, sigma };
    },
  );
}

export async function readLatency(
  database: Pick<Database, 'query'>,
  query: Omit<ExpectedQuery, 'signal'>,
): Promise<LatencyMinute[]> {
  const rows = await readMinutes(database, { ...query, signal: 'latency_p99' });
  return rows.map(({ sourceId, minute, numbers: [p99, usual, spread, sigma] }) => {
    return { sourceId, minute, p99, usual, spread, sigma };
  });
}

/** Later values replace earlier ones of the same minute. */
export function writeExpected(transaction: Transaction, minutes: readonly ExpectedMinute[]): Promise<void> {
  return writeMinutes(
    transaction,
    minutes.map(({ sourceId, signal, minute, rate, dispersion, relative, sigma }) => {
      return { sourceId, signal, minute, numbers: [rate, dispersion, relative, sigma] };
    }),
  );
}

/** As `writeExpected`. */
export function writeLatency(transaction: Transaction, minutes: readonly LatencyMinute[]): Promise<void> {
  return writeMinutes(
    transaction,
    minutes.map(({ sourceId, minute, p99, usual, spread, sigma }) => {
      return { sourceId, signal: 'latency_p99', minute, numbers: [p99, usual, spread, sigma] };
    }),
  );
}

async function readMinutes(
  database: Pick<Database, 'query'>,
  { sourceIds, signal, fromSecond, toSecond }: Omit<ExpectedQuery, 'signal'> & { readonly signal: DrawnSignal },
): Promise<MinuteRow[]> {
  const rows = await database.query<HourRow>(
    `SELECT hour, source_id, signal, body FROM expected_hour
     WHERE hour > $1 AND hour < $2 AND source_id = ANY($3::uuid[]) AND signal = $4
     ORDER BY source_id, hour`,
    [fromSecond - HOUR, toSecond, sourceIds, signal],
  );
  return rows
    .flatMap((row) => HourOfMinutes.decode(row.body).minutes(row))
    .filter(({ minute }) => minute > fromSecond - MINUTES && minute < toSecond);
}

async function writeMinutes(transaction: Transaction, minutes: readonly MinuteRow[]): Promise<void> {
  const byHour = [...Map.groupBy(minutes, (one) => `${hourOf(one.minute)}/${one.sourceId}/${one.signal}`).values()];
  for (let from = 0; from < byHour.length; from += CHUNK)
    await writeChunk(transaction, byHour.slice(from, from + CHUNK));
}

async function writeChunk(transaction: Transaction, hours: readonly (readonly MinuteRow[])[]): Promise<void> {
  const firsts = hours.map(([first]) => first);
  const keys = [
    firsts.map(({ minute }) => hourOf(minute)),
    firsts.map(({ sourceId }) => sourceId),
    firsts.map(({ signal }) => signal),
  ];
  const rows = await transaction.query<HourRow>(
    `SELECT hour, source_id, signal, body FROM expected_hour
     JOIN unnest($1::bigint[], $2::uuid[], $3::text[]) AS touched (hour, source_id, signal)
     USING (hour, source_id, signal)`,
    keys,
  );
  const stored = new Map(rows.map((row) => [`${row.hour}/${row.source_id}/${row.signal}`, row.body]));
  const bodies = hours.map((minutes) => {
    const [{ minute, sourceId, signal }] = minutes;
    const body = stored.get(`${hourOf(minute)}/${sourceId}/${signal}`);
    const hour = body === undefined ? new HourOfMinutes() : HourOfMinutes.decode(body);
    for (const one of minutes) hour.set(one);
    return hour.encode();
  });
  await transaction.query(
    `INSERT INTO expected_hour (hour, source_id, signal, body)
     SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bytea[])
     ON CONFLICT (hour, source_id, signal) DO UPDATE SET body = excluded.body`,
    [...keys, bodies],
  );
}

const VERSION = 1;
const BYTES_PER_NUMBER = 4;

/** Sixty minutes of four numbers, as float32: lines and bands are drawn from them, seven digits are more than a screen shows. */
class HourOfMinutes {
  /** Minute-major; NaN where nothing is known. */
  readonly #cells: Float32Array;

  constructor(cells = new Float32Array(MINUTES * FIELDS).fill(Number.NaN)) {
    this.#cells = cells;
  }

  set({ minute, numbers }: MinuteRow): void {
    this.#cells.set(numbers, slotOf(minute) * FIELDS);
  }

  minutes({ hour, source_id, signal }: HourRow): MinuteRow[] {
    return Array.from({ length: MINUTES }, (_, slot) => slot).flatMap((slot) => {
      const [first, second, third, fourth] = this.#cells.subarray(slot * FIELDS, (slot + 1) * FIELDS);
      if (Number.isNaN(first)) return [];
      return [{ sourceId: source_id, signal, minute: hour + slot * 60, numbers: [first, second, third, fourth] }];
    });
  }

  /** Version byte, then little-endian numbers up to the last minute that is set. */
  encode(): Uint8Array {
    const used = this.#cells.findLastIndex((value) => !Number.isNaN(value)) + 1;
    const bytes = new Uint8Array(1 + used * BYTES_PER_NUMBER);
    const view = new DataView(bytes.buffer);
    bytes[0] = VERSION;
    for (let i = 0; i < used; i++) view.setFloat32(1 + i * BYTES_PER_NUMBER, this.#cells[i], true);
    return bytes;
  }

  static decode(bytes: Uint8Array): HourOfMinutes {
    if (bytes[0] !== VERSION)
      throw new Error(`expected minutes of version ${bytes[0]} are not ones this build reads (${VERSION})`);
    const view = new DataView(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
    const hour = new HourOfMinutes();
    for (let i = 0; i * BYTES_PER_NUMBER < view.byteLength; i++)
      hour.#cells[i] = view.getFloat32(i * BYTES_PER_NUMBER, true);
    return hour;
  }
}

function hourOf(minute: number): number {
  return minute - (minute % HOUR);
}

function slotOf(minute: number): number {
  return (minute % HOUR) / 60;
}
