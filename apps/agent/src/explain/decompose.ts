import type { EXPLAIN_STATUSES } from '@sentinellog/shared';
import { type Deviation, deviationOf } from './deviation.ts';

export type RowStatus = (typeof EXPLAIN_STATUSES)[number];

/** A template of a source: now, and in each past range of that source (scaled to the same length). */
export interface Cell {
  readonly templateId: string;
  readonly sourceId: string;
  readonly count: number;
  readonly past: readonly number[];
  /** Never seen before the range. */
  readonly isNew: boolean;
}

export interface Part {
  readonly clusterId: string;
  readonly count: number;
  /** A multiple of 1/256, so that sums are exact. */
  readonly expected: number;
  readonly status: RowStatus;
  /** Events that are neither as always nor chance: what the order "biggest" goes by. */
  readonly moved: number;
  readonly cells: readonly Cell[];
  /** By cell: what the past makes one expect. */
  readonly expectedOf: ReadonlyMap<Cell, number>;
}

export interface Decomposition {
  readonly total: number;
  readonly expected: number;
  readonly parts: readonly Part[];
}

/** 1/256 is exact in binary: however many rows are added up, the sum is the sum. */
const GRAIN = 256;
/** From so much more or less on, a row is called that; less is a steady row with an excess. */
const SURGE = 1.3;
const MISSING = 0.7;
/** With five events expected, none come in one of 150 ranges by chance. */
const MISSED_FROM = 5;

/**
 * The range by cluster: counts sum to the total, expected counts to the expected total, both exactly. Biggest first:
 * what moved most beyond noise, then what is new or gone, then the largest excess.
 */
export function decompose(cells: readonly Cell[], clusterOf: (templateId: string) => string): Decomposition {
  const groups = [...Map.groupBy(cells, ({ templateId }) => clusterOf(templateId))];
  const rough = groups.map(([clusterId, members]) => partOf(clusterId, members));
  const expected = Math.round(rough.reduce((sum, part) => sum + part.expected, 0) * GRAIN) / GRAIN;
  const exact = shareOut(
    rough.map((part) => part.expected),
    expected,
  );
  const parts = rough.map((part, at) => ({ ...part, expected: exact[at] })).toSorted(byBiggest);
  return { total: cells.reduce((sum, { count }) => sum + count, 0), expected, parts };
}

export function byBiggest(a: Part, b: Part): number {
  return (
    b.moved - a.moved ||
    Number(a.status === 'steady') - Number(b.status === 'steady') ||
    Math.abs(b.count - b.expected) - Math.abs(a.count - a.expected) ||
    (a.clusterId < b.clusterId ? -1 : 1)
  );
}

/** What came least often first, new ones before others; what did not come at all last. */
export function byRarest(a: Part, b: Part): number {
  return (
    Number(a.count === 0) - Number(b.count === 0) ||
    a.count - b.count ||
    Number(b.status === 'new') - Number(a.status === 'new') ||
    a.expected - b.expected ||
    (a.clusterId < b.clusterId ? -1 : 1)
  );
}

function partOf(clusterId: string, cells: readonly Cell[]): Part {
  const deviations = new Map<Cell, Deviation>(cells.map((cell) => [cell, deviationOf(cell.count, cell.past)]));
  const count = cells.reduce((sum, cell) => sum + cell.count, 0);
  const expectedOf = new Map(Array.from(deviations, ([cell, { expected }]) => [cell, expected]));
  const expected = expectedOf.values().reduce((sum, one) => sum + one, 0);
  const whole = deviationOf(count, sumOfPasts(cells));
  // One service of many moves within a cluster that as a whole does not; a message that was renamed moves twice within it.
  const within = deviations.values().reduce((sum, { beyond }) => sum + Math.abs(beyond), 0);
  const status = statusOf(cells, count, expected, whole.beyond);
  return { clusterId, count, expected, status, moved: Math.max(Math.abs(whole.beyond), within), cells, expectedOf };
}

function statusOf(cells: readonly Cell[], count: number, expected: number, beyond: number): RowStatus {
  if (count === 0) return expected >= MISSED_FROM ? 'gone' : 'steady';
  if (expected === 0 && cells.every((cell) => cell.count === 0 || cell.isNew)) return 'new';
  if (beyond > 0 && count >= expected * SURGE) return 'surging';
  if (beyond < 0 && count <= expected * MISSING) return 'missing';
  return 'steady';
}

/** Sources whose pasts are of different lengths cannot be added range by range: their means stand in for what lacks. */
function sumOfPasts(cells: readonly Cell[]): number[] {
  const longest = Math.max(0, ...cells.map(({ past }) => past.length));
  return Array.from({ length: longest }, (_, at) =>
    cells.reduce(
      (sum, { past }) => sum + (past[at] ?? (past.length === 0 ? 0 : past.reduce((a, b) => a + b) / past.length)),
      0,
    ),
  );
}

/** Whole grains that sum to the total: each its floor, then one more for the largest remainders (Hamilton's method). */
export function shareOut(amounts: readonly number[], total: number): number[] {
  const grains = amounts.map((amount) => Math.floor(amount * GRAIN));
  let missing = Math.round(total * GRAIN) - grains.reduce((sum, one) => sum + one, 0);
  const byRemainder = amounts
    .map((amount, at) => ({ at, remainder: amount * GRAIN - grains[at] }))
    .toSorted((a, b) => b.remainder - a.remainder || a.at - b.at);
  for (const { at } of byRemainder) {
    if (missing <= 0) break;
    grains[at]++;
    missing--;
  }
  return grains.map((grain) => grain / GRAIN);
}
