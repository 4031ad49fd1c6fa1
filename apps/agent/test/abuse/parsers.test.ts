/** R5: 20,000 inputs a parser with `npm run fuzz`, a short form here. Whatever comes, there is an answer, soon, and the next good body is read. */
import zlib from 'node:zlib';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textHead } from '../../src/pipeline/text-reading.ts';
import { RECORD_FORMATS, type RecordFormat } from '../../src/pipeline/ingest-record.ts';
import { contentDecoding } from '../../src/receive/content-encoding.ts';
import { EventBoundaries } from '../../src/receive/event-boundary.ts';
import { snappyLength, unpackSnappy } from '../../src/receive/snappy.ts';
import { Tally } from '../../src/tally/tally.ts';
import { field, message, otlpRequest } from '../../src/tally/testing/otlp-message.ts';
import { mutated } from '../../src/tally/testing/scanned.ts';

const RUNS = Number(process.env['SENTINELLOG_FUZZ_RUNS'] ?? 400);
const SLOWEST_MS = 1000;
const NOW = Date.parse('2026-03-05T12:00:00Z');
const NS = `${NOW}000000`;

const READING = { parser: 'auto', layout: 'lines', zone: 'Europe/Berlin', join: 'stack' } as const;
const linesHead = textHead(READING, NOW);
const framedHead = textHead({ ...READING, layout: 'framed', join: 'none' }, NOW);
const event = {
  timestamp: '2026-03-05T11:59:58.003Z',
  service: 'orders',
  level: 'ERROR',
  message: 'pool "a" \u00e9\n',
};
const otlp = { timeUnixNano: NS, severityNumber: 17, body: { kvlistValue: { values: [{ key: 'a', value: {} }] } } };
const lines = [
  '2026-03-05T11:58:15Z ERROR [main] o.e.Pool - exhausted',
  'java.lang.IllegalStateException: no connection',
  '\tat org.example.Pool.take(Pool.java:42)',
  'time=2026-03-05T11:58:15Z level=warn service=checkout msg="slow \\"query\\""',
  '10.0.0.1 - - [05/Mar/2026:11:58:15 +0000] "GET / HTTP/1.1" 500 12 "-" "curl"',
  '2026-03-05T11:58:15.1Z stdout P partial ',
  '{"ts":"2026-03-05T11:58:15Z","severity":"ERROR","app":"cart","msg":"caf\\u00e9"}',
].join('\n');
const syslog =
  '<165>1 2026-03-05T11:59:58.003+01:00 web-1 evntslog 1370 ID47 [x@32473 iut="3" a="\\"]"] event\n' +
  '<34>Mar  5 11:58:15 db-1 su[230]: failed\n46 <13>Mar  5 11:58:15 db-1 cron[1]: counted octets\n';
const lokiEntry = field(2, message(field(1, field(1, 1)), field(2, 'm')));

/** A good body of each format, and of which kind what is made of it may be. */
const GOLDEN: Readonly<Record<RecordFormat, Buffer>> = {
  json: Buffer.from(`${JSON.stringify(event)}\n${JSON.stringify([event, { ...event, __proto__: null }])}\n`),
  'mapped-json': Buffer.concat([linesHead, Buffer.from(`${JSON.stringify(event)}\n${JSON.stringify(event)}\n`)]),
  'elastic-bulk': Buffer.from(`{"create":{"_index":"a"}}\n${JSON.stringify(event)}\n{"delete":{"_id":"1"}}\n`),
  'loki-json': Buffer.from(
    JSON.stringify({ streams: [{ stream: { app: 'a' }, values: [[NS, 'm', { trace: 't' }]] }] }),
  ),
  'otlp-json': Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [otlp, otlp] }] }] })),
  'otlp-protobuf': otlpRequest('orders', message(field(1, 1n), field(2, 17)), field(5, field(1, 'text'))),
  'loki-protobuf': field(1, message(field(1, '{app="a", level="error"}'), lokiEntry, lokiEntry)),
  syslog: Buffer.concat([framedHead, Buffer.from(syslog)]),
  text: Buffer.concat([linesHead, Buffer.from(lines)]),
};
/** The head is the agent's own: what is behind it is hostile. */
const TRUSTED: Partial<Record<RecordFormat, number>> = {
  'mapped-json': linesHead.length,
  syslog: framedHead.length,
  text: linesHead.length,
};

const kinds = fc.constantFrom('set' as const, 'cut' as const, 'insert' as const);
const change = fc.tuple(fc.nat(), fc.nat(255), kinds);
/** JSON that is deep, wide or full of names that are dangerous elsewhere. */
const hostileJson = fc.oneof(
  fc.json({ maxDepth: 8 }),
  fc.nat(3000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.nat(3000).map((depth) => `{"a":`.repeat(depth)),
  fc.constantFrom('{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}', '1e400000', '\u0000'),
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => JSON.stringify({ message: text })),
);

function hostileBodies(golden: Buffer, trusted = 0): fc.Arbitrary<Buffer> {
  const [head, rest] = [golden.subarray(0, trusted), golden.subarray(trusted)];
  const changed = fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) =>
      changes.reduce((body, [at, byte, kind]) => mutated(body.length > 0 ? body : rest, at, byte, kind), rest),
    );
  const noise = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const repeated = fc.tuple(changed, fc.nat(20)).map(([body, times]) => Buffer.concat(Array(times).fill(body)));
  return fc
    .oneof(
      changed,
      noise,
      repeated,
      hostileJson.map((text) => Buffer.from(text)),
    )
    .map((body) => Buffer.concat([head, body]));
}

/** Runs it, and fails when it takes longer than a reader of logs may be held up. */
function promptly<Result>(work: () => Result): Result {
  const since = performance.now();
  const result = work();
  expect(performance.now() - since).toBeLessThan(SLOWEST_MS);
  return result;
}

describe.each(RECORD_FORMATS)('a hostile body of %s', (format) => {
  it('is counted, rejected or broken, and pollutes nothing', () => {
    const tally = new Tally({
      maxSourcesPerTenant: 50,
      onClosed: () => undefined,
      onSource: () => undefined,
      isBlind: () => false,
    });
    const meta = { receivedAtMs: NOW, tenant: 'default', pinnedService: null, format };
    const golden = GOLDEN[format];
    const good = tally.scan(meta, golden);
    const expected = [good.accepted, good.rejected];
    good.release();
    expect(expected[0]).toBeGreaterThan(0);
    let lsn = 0;
    fc.assert(
      fc.property(hostileBodies(golden, TRUSTED[format]), (body) => {
        const batch = promptly(() => tally.scan(meta, body));
        expect(batch.errors.length).toBeLessThanOrEqual(20);
        expect(batch.errors.length).toBeLessThanOrEqual(batch.rejected);
        for (const { detail } of batch.errors) expect(detail.length).toBeLessThan(500);
        if (batch.accepted > 0) promptly(() => tally.apply(batch, ++lsn));
        else batch.release();
      }),
      { numRuns: RUNS },
    );
    expect({}).not.toHaveProperty('polluted');
    expect(tally.sources.length).toBeLessThanOrEqual(51);
    const again = tally.scan(meta, golden);
    expect([again.accepted, again.rejected]).toEqual(expected);
    again.release();
  }, 600_000);
});

describe('hostile compression', () => {
  const text = Buffer.from(`${JSON.stringify(event)}\n`.repeat(50));
  const packers = [
    ['gzip', zlib.gzipSync(text)],
    ['deflate', zlib.deflateSync(text)],
    ['zstd', zlib.zstdCompressSync(text)],
  ] as const;

  it.each(packers)(
    'in %s ends in bytes or an error, never in silence',
    async (encoding, golden) => {
      const decoding = contentDecoding(encoding);
      if (decoding.type !== 'encoded') throw new Error(`${encoding} is not taken any more`);
      await fc.assert(
        fc.asyncProperty(hostileBodies(golden), async (body) => {
          const decoder = decoding.createDecoder();
          const ended = new Promise<void>((resolve) => {
            decoder.on('end', resolve).on('error', () => resolve());
          });
          decoder.resume().end(body);
          await ended;
          decoder.destroy();
        }),
        { numRuns: RUNS },
      );
    },
    600_000,
  );

  it('in snappy writes nothing outside of what it announces', () => {
    const packed = Buffer.concat([Buffer.of(text.length & 0x7f), Buffer.of(0x0c), text.subarray(0, 4)]);
    fc.assert(
      fc.property(hostileBodies(packed), (body) => {
        const length = promptly(() => snappyLength(body));
        if (length < 0 || length > 1 << 20) return;
        const target = Buffer.alloc(length + 16, 0xaa);
        promptly(() => unpackSnappy(body, target.subarray(0, length)));
        expect(target.subarray(length).every((byte) => byte === 0xaa)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('hostile lines', () => {
  let boundaries: EventBoundaries;
  beforeAll(() => {
    boundaries = new EventBoundaries({ parser: 'auto', join: 'stack' });
  });
  afterAll(() => expect({}).not.toHaveProperty('polluted'));

  it('are joined in linear time', () => {
    fc.assert(
      fc.property(hostileBodies(Buffer.from(lines)), (body) => {
        const { certain, line } = promptly(() => boundaries.of(body));
        expect(certain).toBeLessThanOrEqual(line);
        expect(line).toBeLessThanOrEqual(body.length);
      }),
      { numRuns: RUNS },
    );
  });
});
