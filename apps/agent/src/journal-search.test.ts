/** The search over a whole journal, held against what a plain look at every event would find. */
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SearchLine, SearchLineSchema } from '@sentinellog/shared';
import { openJournal } from './journal/journal.ts';
import { aJournalOptions } from './journal/testing/journal-options.ts';
import { MemoryDisk } from './journal/testing/memory-disk.ts';
import { aRecord } from './journal/testing/records.ts';
import { journalTools } from './journal-tools.ts';
import type { IngestRecord, RecordFormat } from './pipeline/ingest-record.ts';
import { sourceHash } from './pipeline/record-contents.ts';
import { JOIN_STACKS, type TextReading, textHead } from './pipeline/text-reading.ts';
import { parseQuery } from './search/parse-query.ts';
import { foldCase } from './search/query.ts';
import { runTask } from './search/run-task.ts';
import type { ExportTask, SearchTask, TaskEnd } from './search/search-task.ts';
import { Tally } from './tally/tally.ts';
import { field, message, otlpRequest } from './tally/testing/otlp-message.ts';

const START_MS = 1_767_225_600_000;

interface LogEvent {
  readonly atMs: number;
  readonly service: string;
  readonly level: 'info' | 'error';
  readonly text: string;
  readonly user: string;
}

const READING: TextReading = { parser: 'auto', layout: 'lines', zone: 'UTC', join: JOIN_STACKS };

const nanos = (ms: number) => BigInt(ms) * 1_000_000n;

/** One event in the body of a request, as each protocol has it. */
const BODIES: Readonly<Record<Exclude<RecordFormat, 'syslog' | 'text'>, (events: readonly LogEvent[]) => Uint8Array>> =
  {
    json: (events) => Buffer.from(events.map(jsonLine).join('\n')),
    'elastic-bulk': (events) =>
      Buffer.from(events.map((one) => `{"create":{"_index":"logs"}}\n${jsonLine(one)}\n`).join('')),
    'mapped-json': (events) =>
      Buffer.concat([textHead(READING, START_MS), Buffer.from(events.map(jsonLine).join('\n'))]),
    'otlp-json': (events) =>
      Buffer.from(
        JSON.stringify({
          resourceLogs: events.map((one) => ({
            scopeLogs: [
              {
                logRecords: [
                  {
                    timeUnixNano: String(nanos(one.atMs)),
                    severityText: one.level,
                    body: { stringValue: one.text },
                    attributes: [{ value: { stringValue: one.user }, key: 'user' }],
                  },
                ],
              },
            ],
            resource: { attributes: [{ key: 'service.name', value: { stringValue: one.service } }] },
          })),
        }),
      ),
    'otlp-protobuf': (events) =>
      Buffer.concat(
        events.map(({ atMs, service, level, text, user }) => {
          const attribute = message(field(1, 'user'), field(2, field(1, user)));
          return otlpRequest(
            service,
            message(field(1, nanos(atMs)), field(3, level), field(5, field(1, text)), field(6, attribute)),
          );
        }),
      ),
    'loki-json': (events) =>
      Buffer.from(
        JSON.stringify({
          streams: events.map(({ atMs, service, level, text, user }) => ({
            values: [[String(nanos(atMs)), text, { user }]],
            stream: { service_name: service, level },
          })),
        }),
      ),
    'loki-protobuf': (events) =>
      Buffer.concat(
        events.map(({ atMs, service, level, text, user }) => {
          const time = message(field(1, Math.floor(atMs / 1000)), field(2, (atMs % 1000) * 1_000_000));
          const entry = message(field(1, time), field(2, text), field(3, message(field(1, 'user'), field(2, user))));
          const labels = `{service_name="${service}", level="${level}"}`;
          return field(1, message(field(2, entry), field(1, labels)));
        }),
      ),
  };

function jsonLine({ atMs, service, level, text, user }: LogEvent): string {
  return JSON.stringify({ timestamp: new Date(atMs).toISOString(), service, level, message: text, user });
}

type Batch = Partial<IngestRecord> & { readonly format: RecordFormat; readonly body: Uint8Array };

async function journalOf(batches: readonly Batch[], segmentBytes = 8192) {
  const disk = new MemoryDisk();
  const journal = await openJournal(aJournalOptions({ files: disk, segmentBytes }));
  const quiet = { onClosed: () => undefined, onSource: () => undefined, isBlind: () => false };
  const tally = new Tally({ ...quiet, maxSourcesPerTenant: 1000 });
  for (const batch of batches) {
    const record = aRecord({ receivedAtMs: START_MS, ...batch });
    const scanned = tally.scan(record, record.body);
    await new Promise((resolve, reject) => journal.append(record, scanned, resolve, reject));
    scanned.release();
  }
  return { journal, disk };
}

const EVERYTHING = { bySource: new Map<number, number>(), othersMs: Number.NEGATIVE_INFINITY };

interface Answer {
  readonly lines: readonly SearchLine[];
  readonly messages: readonly string[];
  readonly bytes: Buffer;
  readonly end: TaskEnd;
}

async function ask(
  { journal, disk }: Awaited<ReturnType<typeof journalOf>>,
  { query = '', ...wish }: Partial<Omit<SearchTask, 'query' | 'type'>> & { readonly query?: string },
  exported?: Pick<ExportTask, 'format' | 'isGzipped'>,
): Promise<Answer> {
  const common = {
    query: parseQuery(query),
    fromMs: 0,
    toMs: 8e15,
    tenant: 'default',
    services: null,
    keptSince: EVERYTHING,
    ...wish,
  };
  const counts = { stepMs: null, by: null, top: 10, maxMs: 60_000, maxBytes: 1e12 };
  const search = { order: 'oldest', limit: 10_000, after: null, withFields: false, ...counts } as const;
  const task =
    exported === undefined
      ? ({ ...search, ...common, type: 'search' } as const)
      : ({ ...common, ...exported, type: 'export' } as const);
  const pieces: Uint8Array[] = [];
  const end = await runTask(task, {
    ...journalTools(structuredClone(journal.view()), 'default', disk),
    now: () => 0,
    cpuMs: () => 0,
    isCancelled: () => false,
    send: async (bytes) => void pieces.push(bytes),
    compress: (bytes) => gzipSync(bytes),
  });
  const bytes = Buffer.concat(pieces);
  const texts = exported === undefined ? bytes.toString('utf8').split('\n').slice(0, -1) : [];
  const lines = texts.map((text) => SearchLineSchema.parse(JSON.parse(text)));
  return { lines, messages: lines.flatMap((line) => (line.type === 'hit' ? [line.message] : [])), bytes, end };
}

/** Words that encoders treat in many ways; none of them is in a time, a level or the name of a field. */
const PIECES = [
  'Zorg',
  'quux',
  '/v1/zorg',
  'a"zo',
  'qu\\ux',
  '<zorg>',
  'straße',
  'ZÖRG',
  '\u212aorg',
  '\u0130x',
  '日本',
  '\n',
  ' ',
];
const WORDS = [
  'zorg',
  'ZORG',
  'quux',
  'rgquu',
  'qu\\ux',
  '"zo',
  '<zorg>',
  '/zorg',
  'straße',
  'zör',
  'korg',
  'ix',
  '日',
  'q',
  'hyper',
];

const text = fc.array(fc.constantFrom(...PIECES), { maxLength: 4 }).map((pieces) => pieces.join(''));
const event = fc.record({
  atMs: fc.nat(20_000).map((ms) => START_MS + ms),
  service: fc.constantFrom('hyper-zorg', 'plain'),
  level: fc.constantFrom('info' as const, 'error' as const),
  text: text.map((words) => `m ${words}`),
  user: text,
});
const batch = fc.record({
  format: fc.constantFrom(...(Object.keys(BODIES) as (keyof typeof BODIES)[])),
  events: fc.array(event, { minLength: 1, maxLength: 6 }),
});

type Term = { readonly query: string; readonly matches: (event: LogEvent) => boolean };
const quoted = (word: string) => `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
const holds = (value: string, word: string) => foldCase(value).includes(foldCase(word));
const term: fc.Arbitrary<Term> = fc.oneof(
  fc.constantFrom(...WORDS).map((word) => ({
    query: quoted(word),
    matches: ({ text: own, user, service }: LogEvent) => [own, user, service].some((value) => holds(value, word)),
  })),
  fc.constantFrom(...WORDS).map((word) => ({
    query: `message:${quoted(word)}`,
    matches: ({ text: own }: LogEvent) => holds(own, word),
  })),
  fc.constantFrom(...WORDS).map((word) => ({
    query: `user:*${word.replaceAll(/["\s]/g, '')}*`,
    matches: ({ user }: LogEvent) => user !== '' && holds(user, word.replaceAll(/["\s]/g, '')),
  })),
  fc.constantFrom('zor[gh]', 'q.u+x', '(?i)zorg', 'zorg|quux', 'Z\\w', 'straße$').map((source) => ({
    query: `message:/${source}/`,
    matches: ({ text: own }: LogEvent) =>
      new RegExp(source.replace('(?i)', ''), source.startsWith('(?i)') ? 'i' : '').test(own),
  })),
  fc.constant({ query: 'level:error', matches: ({ level }: LogEvent) => level === 'error' }),
  fc.constant({ query: 'service:plain', matches: ({ service }: LogEvent) => service === 'plain' }),
);
const query: fc.Arbitrary<Term> = fc.letrec<{ node: Term }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2 },
    term,
    tie('node').map((one) => ({ query: `NOT (${one.query})`, matches: (e: LogEvent) => !one.matches(e) })),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => ({
      query: `(${a.query}) ${b.query}`,
      matches: (e: LogEvent) => a.matches(e) && b.matches(e),
    })),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => ({
      query: `(${a.query} OR ${b.query})`,
      matches: (e: LogEvent) => a.matches(e) || b.matches(e),
    })),
  ),
})).node;

const line = (atMs: number, more: object = {}) => {
  return JSON.stringify({
    timestamp: new Date(atMs).toISOString(),
    service: 'payment',
    level: 'info',
    message: 'paid',
    ...more,
  });
};
const json = (...lines: string[]): Batch => ({ format: 'json', body: Buffer.from(lines.join('\n')) });

const textBatch = (format: 'text' | 'syslog', reading: Partial<TextReading>, ...lines: string[]): Batch => ({
  format,
  body: Buffer.concat([textHead({ ...READING, ...reading }, START_MS), Buffer.from(`${lines.join('\n')}\n`)]),
});

describe('search over the journal', () => {
  it('finds what a plain look at every event finds, in every format and for every query', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 8 }),
        fc.array(query, { minLength: 1, maxLength: 6 }),
        async (batches, queries) => {
          const journal = await journalOf(
            batches.map(({ format, events }) => ({ format, body: BODIES[format](events) })),
          );
          const all = batches.flatMap(({ events }) => events);
          for (const asked of queries) {
            const wanted = all.filter(asked.matches).map((one) => one.text);
            const { messages } = await ask(journal, { query: asked.query });
            expect(messages.toSorted(), asked.query).toEqual(wanted.toSorted());
          }
          await journal.journal.close();
        },
      ),
      { numRuns: Number(process.env['SEARCH_ORACLE_RUNS'] ?? 150) },
    );
  }, 120_000);

  it('gives hits in the order of their time, whatever order they came in, page after page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 10 }),
        fc.constantFrom('newest' as const, 'oldest' as const),
        fc.integer({ min: 1, max: 7 }),
        async (batches, order, limit) => {
          const journal = await journalOf(
            batches.map(({ format, events }) => ({ format, body: BODIES[format](events) })),
          );
          const times = batches.flatMap(({ events }) => events.map(({ atMs }) => atMs)).toSorted((a, b) => a - b);
          const found: number[] = [];
          const ids = new Set<string>();
          for (let after: SearchTask['after'] | undefined = null; after !== undefined; ) {
            const { lines } = await ask(journal, { order, limit, after });
            after = undefined;
            for (const line of lines) {
              if (line.type === 'hit') {
                found.push(line.at_ms);
                ids.add(line.id);
              } else if (line.type === 'done' && line.cursor !== null) {
                const [atMs = 0, lsn = 0, record = 0, number = 0] = line.cursor.split('-').map(Number);
                after = { atMs, lsn, record, event: number };
              }
            }
          }
          expect(found).toEqual(order === 'oldest' ? times : times.toReversed());
          expect(ids.size).toBe(times.length);
          await journal.journal.close();
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  it('does not open blocks of other times and sources', async () => {
    const batches = Array.from({ length: 50 }, (_, n) => json(line(START_MS + n * 1000, { service: `s${n % 5}` })));
    const journal = await journalOf(batches);
    const { end } = await ask(journal, {
      query: 'service:s3 paid',
      fromMs: START_MS + 10_000,
      toMs: START_MS + 20_000,
    });
    expect(end).toMatchObject({ events: 2, blocks: 2 });
    const from = { fromMs: START_MS + 12_000, toMs: START_MS + 13_000 };
    expect((await ask(journal, { ...from, services: ['s2'] })).end).toMatchObject({ events: 1, blocks: 1 });
    expect((await ask(journal, { ...from, services: ['s3'] })).end).toMatchObject({ events: 0, blocks: 0 });
  });

  it('stops as soon as nothing can change the answer', async () => {
    const journal = await journalOf(Array.from({ length: 50 }, (_, n) => json(line(START_MS + n * 1000))));
    const { end, lines } = await ask(journal, { limit: 3, order: 'newest' });
    expect(end).toMatchObject({ reason: 'limit' });
    expect(end.blocks).toBeLessThan(6);
    expect(lines.at(-1)).toMatchObject({ type: 'done', reason: 'limit' });
  });

  it('compares numbers, finds nested fields and elements of lists, and says who has a field', async () => {
    const body = json(
      line(START_MS, { http: { status: 502 }, tags: ['blue', 'green'], took: 1e3, message: 'a' }),
      line(START_MS + 1, { http: { status: 200 }, tags: [], took: '12.5', message: 'b' }),
      line(START_MS + 2, { took: null, message: 'c' }),
    );
    const journal = await journalOf([body]);
    const found = async (asked: string) => (await ask(journal, { query: asked })).messages.join('');
    expect(await found('http.status:>=500')).toBe('a');
    expect(await found('took:<100')).toBe('b');
    expect(await found('took:*')).toBe('ab');
    expect(await found('NOT http.status:*')).toBe('c');
    expect(await found('tags:GREEN')).toBe('a');
    expect(await found('tags:gr*n OR took:12.5')).toBe('ab');
    expect(await found('tags:gre*ee*n OR tags:*n*n')).toBe('');
    expect(await found('level:>=warn')).toBe('');
  });

  it('counts by time and by field, with what is left over', async () => {
    const lines = Array.from({ length: 10 }, (_, n) => line(START_MS + n * 1000, n === 9 ? {} : { user: `u${n % 3}` }));
    const journal = await journalOf([json(...lines)]);
    const { lines: told } = await ask(journal, { limit: 0, stepMs: 5000, by: 'user', top: 2 });
    expect(told[0]).toEqual({
      type: 'aggregate',
      final: true,
      total: 10,
      step_ms: 5000,
      by_time: [
        { at_ms: START_MS, count: 5 },
        { at_ms: START_MS + 5000, count: 5 },
      ],
      by: 'user',
      by_value: [
        { value: 'u0', count: 3 },
        { value: 'u1', count: 3 },
      ],
      other_values: 3,
      without_field: 1,
    });
  });

  it('finds a word in a pinned service and in a text that is written in escapes', async () => {
    const escaped = Buffer.from(String.raw`{"service":"payment","message":"\u0070ool"}`);
    const html = Buffer.from(String.raw`{"service":"payment","message":"\u001b[31mred\u003c"}`);
    const journal = await journalOf([
      { format: 'json', body: escaped },
      { format: 'json', body: html },
      { ...json('{"message":"x"}'), pinnedService: 'mainframe' },
    ]);
    expect((await ask(journal, { query: 'pool' })).messages).toHaveLength(1);
    expect((await ask(journal, { query: '"red<"' })).messages).toHaveLength(1);
    expect((await ask(journal, { query: 'service:mainframe' })).messages).toEqual(['x']);
    expect((await ask(journal, { services: ['mainframe'] })).messages).toEqual(['x']);
  });

  it('finds ids and numbers that lie in protobuf as bytes', async () => {
    const attribute = message(field(1, 'status'), field(2, field(3, 502)));
    const record = message(
      field(1, nanos(START_MS)),
      field(5, field(1, 'pool')),
      field(6, attribute),
      field(9, Buffer.from('4bf92f3577b34da6a3ce929d0e0e4736', 'hex')),
    );
    const journal = await journalOf([{ format: 'otlp-protobuf', body: otlpRequest('payment', record) }]);
    for (const asked of [
      '4bf92f3577b3',
      'trace_id:4bf92f3577b34da6a3ce929d0e0e4736',
      '502',
      'status:502',
      'status:>500',
    ]) {
      expect((await ask(journal, { query: asked })).messages, asked).toEqual(['pool']);
    }
  });

  it('finds what lies in lines of text, syslog and the parts of long container lines', async () => {
    const journal = await journalOf([
      textBatch(
        'text',
        {},
        'time=2026-01-01T00:00:00Z level=error service=pay msg="pool \\"main\\" exhausted" user=u-17',
        '2026-01-01 00:00:01 ERROR no parser knows Zorg',
        '\tat com.example.Pool.take(Pool.java:41)',
      ),
      textBatch(
        'syslog',
        { layout: 'framed' },
        '<11>1 2026-01-01T00:00:02Z db01 postgres 711 - [x@1 shard="s9"] disk full',
      ),
      textBatch(
        'text',
        { parser: 'cri' },
        '2026-01-01T00:00:03.000000000Z stdout P first half, nee',
        '2026-01-01T00:00:03.000000001Z stdout F dle in two',
        '2026-01-01T00:00:04.000000000Z stdout F {"level":"warn","msg":"whole","shard":"s8"}',
      ),
    ]);
    const found = async (asked: string) =>
      (await ask(journal, { query: asked })).messages.map((one) => one.slice(0, 24));
    expect(await found('u-17')).toHaveLength(1);
    expect(await found('user:U-17 level:error service:pay')).toHaveLength(1);
    expect(await found('zorg pool.java')).toHaveLength(1);
    expect(await found('shard:s9 db01')).toEqual(['disk full']);
    expect(await found('needle')).toEqual(['first half, needle in tw']);
    expect(await found('shard:s8')).toEqual(['whole']);
    const { bytes, end } = await ask(journal, {}, { format: 'ndjson', isGzipped: false });
    expect(end.events).toBe(5);
    expect(bytes.toString()).toContain('"line":"<11>1 2026-01-01T00:00:02Z db01 postgres 711 - [x@1 shard=');
  });

  it('shows no other tenant, and nothing that is over its retention', async () => {
    const journal = await journalOf([
      { ...json(line(START_MS, { message: 'theirs' })), tenant: 'other' },
      { ...json(line(START_MS, { message: 'old' })), receivedAtMs: START_MS },
      { ...json(line(START_MS, { message: 'new' })), receivedAtMs: START_MS + 1000 },
      { ...json(line(START_MS, { message: 'kept', service: 'audit' })), receivedAtMs: START_MS },
    ]);
    const keptSince = { bySource: new Map([[sourceHash('default', 'audit'), 0]]), othersMs: START_MS + 500 };
    expect((await ask(journal, { keptSince })).messages.toSorted()).toEqual(['kept', 'new']);
  });

  it('counts blocks that are damaged and finds what is in the others', async () => {
    const journal = await journalOf(Array.from({ length: 20 }, (_, n) => json(line(START_MS + n * 1000))));
    const file = journal.disk.files.get(journal.disk.segments[0]);
    file?.data.writeUInt8(file.data.readUInt8(file.data.length - 1) ^ 1, file.data.length - 1);
    expect((await ask(journal, {})).end).toMatchObject({ events: 19, damagedBlocks: 1 });
  });
});

describe('export of the journal', () => {
  const lines = [
    String.raw`{"timestamp":"2026-01-01T00:00:00Z","service":"payment","message":"caf\u00e9 \"1e400\"","n":1.0e3, "big":12345678901234567890}`,
    '{ "service" : "payment" , "message" : "two  blanks",\t"deep":{"a":[1,2,{}]} }',
    '{"service":"gateway","message":"日本 🙂"}',
  ];

  it('gives NDJSON back byte for byte, and gzip of it', async () => {
    const body = Buffer.from(`${lines.join('\n')}\n`);
    const journal = await journalOf([{ format: 'json', body }]);
    const { bytes, end } = await ask(journal, {}, { format: 'ndjson', isGzipped: false });
    expect(bytes.equals(body)).toBe(true);
    expect(end).toMatchObject({ reason: 'complete', events: 3 });
    const zipped = await ask(journal, { query: 'service:payment' }, { format: 'ndjson', isGzipped: true });
    expect(gunzipSync(zipped.bytes).toString()).toBe(`${lines[0]}\n${lines[1]}\n`);
    const nothing = await ask(journal, { query: 'absent' }, { format: 'ndjson', isGzipped: true });
    expect(gunzipSync(nothing.bytes)).toHaveLength(0);
  });

  it('makes one line of each event: of arrays, of pretty JSON and of other protocols', async () => {
    const events: LogEvent[] = [
      { atMs: START_MS, service: 'payment', level: 'error', text: 'two\nlines', user: 'u"1' },
    ];
    const journal = await journalOf([
      { format: 'json', body: Buffer.from('[{"message":\r\n"in an array"},\n{"message":"second"}]') },
      ...(['otlp-json', 'otlp-protobuf', 'loki-json', 'loki-protobuf'] as const).map((format) => ({
        format,
        body: BODIES[format](events),
      })),
    ]);
    const { bytes } = await ask(journal, {}, { format: 'ndjson', isGzipped: false });
    const out = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as unknown);
    expect(out.slice(0, 2)).toEqual([{ message: 'in an array' }, { message: 'second' }]);
    expect(out).toHaveLength(6);
    for (const one of out.slice(2)) {
      expect(one).toMatchObject({
        timestamp: new Date(START_MS).toISOString(),
        service: 'payment',
        level: 'error',
        message: 'two\nlines',
        user: 'u"1',
      });
    }
  });

  it('writes CSV that no spreadsheet runs', async () => {
    const body = Buffer.from(
      '{"service":"payment","message":"=cmd|\' /C calc\'!A0"}\n{"service":"payment","message":"a,\\"b\\"\\nc"}',
    );
    const journal = await journalOf([{ format: 'json', body }]);
    const { bytes } = await ask(journal, {}, { format: 'csv', isGzipped: false });
    const csv = bytes.toString();
    expect(csv).toContain(`,'=cmd|' /C calc'!A0,`);
    expect(csv).toContain('"a,""b""\nc"');
    expect(csv.startsWith('time,received,service,level,trace_id,message,fields\r\n')).toBe(true);
  });
});
