import type {
  ExplainMessage,
  ExplainRequest,
  ExplainRow,
  Level,
  LiveLine,
  Template,
  TemplateDetail,
} from '@sentinellog/shared';
import { LEVELS } from '@sentinellog/shared';

/** One shape of message in the made-up world. */
export interface FakePattern {
  readonly id: string;
  readonly cluster: string;
  readonly name: string;
  readonly service: string;
  readonly level: Level;
  readonly text: string;
  /** Stand in for the `<*>` of its text, in turn. */
  readonly values: readonly (readonly string[])[];
  /** Its part of the service's lines on a usual day, and while the spike lasts. */
  readonly usual: number;
  readonly inSpike: number;
}

export const FAKE_PATTERNS: readonly FakePattern[] = [
  {
    id: 'a1f3c09e55d20b71',
    cluster: 'pool exhausted',
    name: 'Connection pool exhausted',
    service: 'payment-service',
    level: 'error',
    text: 'connection pool exhausted: <*> in use, waited <*> ms for a free one (jdbc:postgresql://<*>/payments)',
    values: [['50/50'], ['30000', '30001', '29998'], ['db-eu-3', 'db-eu-1']],
    usual: 0,
    inSpike: 0.52,
  },
  {
    id: '0b77e1d2aa84f613',
    cluster: 'retry',
    name: 'Retry with back-off',
    service: 'payment-service',
    level: 'warn',
    text: 'retrying charge for order <*> attempt=<*> backoff=<*>s',
    values: [
      ['7c1f', '88d2', '9e01'],
      ['2', '3'],
      ['2', '4'],
    ],
    usual: 0.03,
    inSpike: 0.31,
  },
  {
    id: '5f20cc1839ab7e04',
    cluster: 'charge failed',
    name: 'Charge failed: timeout',
    service: 'payment-service',
    level: 'error',
    text: 'charge failed for order <*> user=<*> card=<*>: PSQLException: timeout',
    values: [
      ['7c1f', '88d2'],
      ['mia', '\u202Enimda\u202C'],
      ['**** 4242', '<img src=x onerror=alert(1)>'],
    ],
    usual: 0.004,
    inSpike: 0.11,
  },
  {
    id: 'c4d9083e21f7bb56',
    cluster: 'charge authorised',
    name: 'Charge authorised',
    service: 'payment-service',
    level: 'info',
    text: 'charge authorised for order <*> in <*> ms',
    values: [
      ['7c1f', '88d2', 'a011', 'b3c4'],
      ['84', '91', '112'],
    ],
    usual: 0.62,
    inSpike: 0.02,
  },
  {
    id: '93ab6f10d8e2c745',
    cluster: 'heartbeat sent',
    name: 'Settlement heartbeat',
    service: 'payment-service',
    level: 'info',
    text: 'settlement heartbeat <*> ok',
    values: [['17', '18', '19']],
    usual: 0.11,
    inSpike: 0,
  },
  {
    id: 'e801b2f4c6d97a30',
    cluster: 'request served',
    name: 'Request served',
    service: 'api-gateway',
    level: 'info',
    text: '<*> /v1/orders/<*> <*> <*> ms',
    values: [
      ['GET', 'POST'],
      ['7c1f', '88d2', 'a011'],
      ['200', '201', '503'],
      ['12', '31', '204'],
    ],
    usual: 0.8,
    inSpike: 0.78,
  },
  {
    id: '7d4405ff19cc8e2b',
    cluster: 'cache miss',
    name: 'Cache miss',
    service: 'catalog-service',
    level: 'debug',
    text: 'cache miss for sku <*>, reading the catalogue',
    values: [['10-442', '10-771', '18-003']],
    usual: 0.4,
    inSpike: 0.4,
  },
];

/** A line of a pattern; the same number is the same line. */
export function fakeMessage({ text, values }: FakePattern, number: number): string {
  let at = 0;
  return text.replaceAll('<*>', () => {
    const choices = values[at++] ?? ['?'];
    return choices[number % choices.length] ?? '?';
  });
}

const levelsOf = (level: Level, count: number): Record<Level, number> => {
  const levels = Object.fromEntries(LEVELS.map((one) => [one, 0])) as Record<Level, number>;
  levels[level] = count;
  return levels;
};

export function fakeTemplate(pattern: FakePattern, sourceId: string, nowMs: number): Template {
  const isNew = pattern.usual === 0;
  const count = isNew ? 4312 : Math.round(pattern.usual * 9_400_000);
  return {
    template_id: pattern.id,
    text: pattern.text,
    name: isNew ? null : pattern.name,
    pinned: false,
    cluster_id: pattern.cluster,
    first_seen_ms: isNew ? nowMs - 95_000 : nowMs - 9 * 86_400_000,
    last_seen_ms: nowMs - 1000,
    count,
    levels: levelsOf(pattern.level, count),
    services: [{ source_id: sourceId, service: pattern.service, count }],
    examples: [0, 1, 2].map((number) => fakeMessage(pattern, number)),
  };
}

export function fakeTemplateDetail(
  template: Template,
  { fromMs, toMs, stepSeconds }: { readonly fromMs: number; readonly toMs: number; readonly stepSeconds: number },
): TemplateDetail {
  const fromSecond = Math.floor(fromMs / 1000 / stepSeconds) * stepSeconds;
  const steps = Math.max(1, Math.ceil((toMs / 1000 - fromSecond) / stepSeconds));
  const t = Array.from({ length: steps }, (_, i) => fromSecond + i * stepSeconds);
  const perStep = (template.count / 9 / 86_400) * stepSeconds;
  const counts = t.map((second) =>
    second * 1000 < template.first_seen_ms ? 0 : Math.round(perStep * (1 + 0.3 * Math.sin(second / 5400))),
  );
  return { ...template, step_seconds: stepSeconds, columns: [t, counts] };
}

export function fakeLine(pattern: FakePattern, sourceId: string, atMs: number, number: number): LiveLine {
  return {
    at_ms: atMs,
    source_id: sourceId,
    service: pattern.service,
    level: pattern.level,
    message: fakeMessage(pattern, number),
    template_id: pattern.id,
    ...(number % 3 === 0 ? { trace_id: `4bf92f3577b34da6a3ce929d0e0e47${String(number % 100).padStart(2, '0')}` } : {}),
  };
}

export interface FakeRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly total: number;
  readonly expected: number;
  /** 0 … 1: how much of the range lies in the spike. */
  readonly spikeShare: number;
}

/** What an agent would say of a range: counts of rows and remainder sum to the total, to the event. */
export function fakeExplanation(
  patterns: readonly FakePattern[],
  range: FakeRange,
  request: ExplainRequest,
): readonly ExplainMessage[] {
  const { fromMs, toMs, total, expected, spikeShare } = range;
  const shareOf = ({ usual, inSpike }: FakePattern) => usual * (1 - spikeShare) + inSpike * spikeShare;
  const sum = Math.max(1, patterns.reduce((all, pattern) => all + shareOf(pattern), 0) * 1.04);
  const usualSum = Math.max(1, patterns.reduce((all, pattern) => all + pattern.usual, 0) * 1.04);
  const rows = patterns
    .map((pattern): ExplainRow => {
      const count = Math.floor((total * shareOf(pattern)) / sum);
      const usual = Math.round((expected * pattern.usual) / usualSum);
      const status =
        usual === 0 && count > 0
          ? 'new'
          : count === 0
            ? 'gone'
            : count < usual / 2
              ? 'missing'
              : count > usual * 1.5
                ? 'surging'
                : 'steady';
      return {
        cluster_id: pattern.cluster,
        name: pattern.name,
        status,
        count,
        expected: usual,
        excess: count - usual,
        share: total === 0 ? 0 : count / total,
        templates: [{ template_id: pattern.id, text: pattern.text, count, expected: usual, is_new: status === 'new' }],
        levels: levelsOf(pattern.level, count),
        services: [{ service: pattern.service, count }],
        sparkline: Array.from({ length: 30 }, (_, i) => Math.round((count / 30) * (1 + 0.5 * Math.sin(i / 3)))),
        first_seen_ms: status === 'new' ? fromMs + 4000 : fromMs - 9 * 86_400_000,
        samples: [],
        variables: pattern.values.map((choices, position) => ({
          position,
          values: choices.map((value, i) => ({ value, count: Math.ceil(count / (i + 2)) })),
        })),
      };
    })
    .filter(({ count, expected: usual }) => count + usual > 0)
    .toSorted((a, b) =>
      request.order === 'biggest'
        ? Math.abs(b.excess) - Math.abs(a.excess)
        : a.expected - b.expected || b.count - a.count,
    );
  const rest = (of: (row: ExplainRow) => number, all: number) => all - rows.reduce((had, row) => had + of(row), 0);
  return [
    {
      type: 'summary',
      from_ms: fromMs,
      to_ms: toMs,
      total,
      expected,
      excess: total - expected,
      baseline: {
        kind: request.against?.kind ?? 'before',
        words:
          request.against?.kind === 'other_range'
            ? 'the range that was chosen'
            : request.against?.kind === 'other_cluster'
              ? `what ${request.against.name} logged at the same time, scaled to as many lines`
              : 'the stretch four times as long before',
        ranges: [
          request.against?.kind === 'other_range'
            ? { from_ms: Number(request.against.from), to_ms: Number(request.against.to) }
            : { from_ms: fromMs - 4 * (toMs - fromMs), to_ms: fromMs },
        ],
      },
    },
    ...rows.map((row, rank): ExplainMessage => ({ type: 'row', rank, row })),
    {
      type: 'remainder',
      count: rest((row) => row.count, total),
      expected: rest((row) => row.expected, expected),
      clusters: 14,
    },
    { type: 'progress', done: 1, of: 2 },
    ...rows.map((row, rank): ExplainMessage => {
      const pattern = patterns.find(({ cluster }) => cluster === row.cluster_id);
      const samples =
        pattern === undefined || row.count === 0
          ? []
          : [0, 1, 2].map((number) => ({
              at_ms: fromMs + number * 731,
              level: pattern.level,
              message: fakeMessage(pattern, number),
              trace_id: `4bf92f3577b34da6a3ce929d0e0e473${number}`,
            }));
      return { type: 'row', rank, row: { ...row, samples } };
    }),
    { type: 'progress', done: 2, of: 2 },
    { type: 'done', took_ms: 184 },
  ];
}
