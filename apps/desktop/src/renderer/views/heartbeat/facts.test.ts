import { aSource, anAnomaly } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import type { GridColumns } from '../../stores/beat-grid.ts';
import type { ScopedSource } from '../../stores/scope.ts';
import { anAgentView } from '../../testing/an-agent.ts';
import { chartSummary } from './chart-summary.ts';
import { selectionFacts } from './selection-facts.ts';
import { tableCsv, tableRows } from './table-rows.ts';
import { inOrder, worstFirst } from './tile-order.ts';

const T = 1_767_229_200;

function aSourceOf(columns: GridColumns) {
  return {
    signal: 'volume',
    stepSeconds: 1,
    lines: [{ label: '', colour: null }],
    newestMs: () => (columns.t.at(-1)! + 1) * 1000,
    span: () => ({ fromMs: columns.t[0]! * 1000, toMs: (columns.t.at(-1)! + 1) * 1000 }),
    read: (from: number, to: number) => {
      const keep = columns.t.flatMap((second, i) => (second >= from && second < to ? [i] : []));
      const pick = <Value>(list: readonly Value[]) => keep.map((i) => list[i]!);
      return [
        {
          t: pick(columns.t),
          value: pick(columns.value),
          mean: pick(columns.mean),
          lower: pick(columns.lower),
          upper: pick(columns.upper),
        },
      ];
    },
  } as const;
}

const LINE = aSourceOf({
  t: [T, T + 1, T + 2, T + 3],
  value: [200, null, 820, 1040],
  mean: [200, null, 205, 1100],
  lower: [160, null, 165, 980],
  upper: [240, null, 245, 1210],
});

describe('chart summary', () => {
  it('says now, expected, and what stood out', () => {
    const agent = anAgentView();
    const anomalies = [
      { agent, anomaly: anAnomaly({ started_at_ms: T * 1000 }) },
      {
        agent,
        anomaly: anAnomaly({
          service: 'auth-service',
          direction: 'low',
          deviation_score: -3.1,
          started_at_ms: T * 1000,
        }),
      },
    ];
    expect(chartSummary(LINE, anomalies, 'utc')).toBe(
      'Now 1,040 per second, expected 980 per second to 1,210 per second. 2 anomalies: spike 14.2 sigma of payment-service at 01:00, drop 3.1 sigma of auth-service at 01:00.',
    );
  });

  it('does not invent figures before the first data', () => {
    expect(chartSummary({ ...LINE, newestMs: () => null }, [], 'utc')).toBe('No data yet. No anomalies.');
  });
});

describe('selection facts', () => {
  it('count the lines and compare them with what was expected', () => {
    expect(selectionFacts(LINE, { fromMs: T * 1000, toMs: (T + 3) * 1000 })).toBe(
      '1,020 lines, +152 % against expected',
    );
  });

  it('count whole steps where a step is longer than a second', () => {
    const span = { fromMs: T * 1000, toMs: (T + 3) * 1000 };
    expect(selectionFacts({ ...LINE, stepSeconds: 60 }, span)).toContain('61,200 lines');
  });

  it('say so where there is no data', () => {
    expect(selectionFacts(LINE, { fromMs: (T + 1) * 1000, toMs: (T + 2) * 1000 })).toBe('no data in this range');
  });
});

describe('table of numbers', () => {
  it('has every step, newest first, with its state in words', () => {
    expect(tableRows(LINE).map(({ second, value, state }) => [second - T, value, state])).toEqual([
      [3, 1040, 'normal'],
      [2, 820, 'above'],
      [1, null, 'no data'],
      [0, 200, 'normal'],
    ]);
  });

  it('is copied as CSV with empty cells for what is not known', () => {
    expect(tableCsv(tableRows(LINE)).split('\r\n').slice(0, 4)).toEqual([
      'time,line,observed,expected,low,high,state',
      '2026-01-01T01:00:03.000Z,,1040,1100,980,1210,normal',
      '2026-01-01T01:00:02.000Z,,820,205,165,245,above',
      '2026-01-01T01:00:01.000Z,,,,,,no data',
    ]);
  });
});

const tile = (sourceId: string): ScopedSource => ({
  ref: { agentId: 'eu', sourceId },
  source: aSource({ source_id: sourceId }),
  agent: anAgentView(),
});
const names = (list: readonly ScopedSource[]) => list.map(({ ref }) => ref.sourceId);

describe('order of the tiles', () => {
  const tiles = ['auth', 'catalog', 'order', 'payment'].map(tile);
  const worst = new Map([
    [
      'eu',
      new Map([
        ['payment', anAnomaly({ severity: 'P1' })],
        ['order', anAnomaly({ severity: 'P2' })],
      ]),
    ],
  ]);

  it('has the loudest first and the rest by name', () => {
    expect(names(worstFirst(tiles, worst))).toEqual(['payment', 'order', 'auth', 'catalog']);
  });

  it('stays as it was under the pointer, newcomers at the end', () => {
    expect(names(inOrder([...tiles, tile('billing')], ['eu/order', 'eu/auth', 'eu/payment', 'eu/catalog']))).toEqual([
      'order',
      'auth',
      'payment',
      'catalog',
      'billing',
    ]);
  });
});
