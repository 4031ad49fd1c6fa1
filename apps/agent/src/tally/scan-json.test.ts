import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { JsonScan, MAX_EVENT_BYTES } from './scan-json.ts';

interface Seen {
  readonly events: { service: string | null; time: string | null; level: string | null; text: string }[];
  readonly rejections: { line: number; code: string }[];
}

function scanned(body: string | Uint8Array): Seen {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
  const text = (span: number) =>
    scan.spans.starts[span] < 0 ? null : bytes.toString('utf8', scan.spans.starts[span], scan.spans.ends[span]);
  const seen: Seen = { events: [], rejections: [] };
  const scan = new JsonScan();
  scan.begin(bytes);
  for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
    if (step === SCAN_STEP.rejected) seen.rejections.push({ line: scan.line, code: scan.rejection });
    else {
      seen.events.push({
        service: text(SPAN.service),
        time: text(SPAN.time),
        level: text(SPAN.level),
        text: text(SPAN.event) ?? '',
      });
    }
  }
  return seen;
}

const PAYMENT =
  '{"ts":"2026-01-01T00:00:00Z","service":"payment-service","level":"ERROR","msg":"pool exhausted: 50/50"}';

describe('JSON scan: layouts', () => {
  it('reads NDJSON with CRLF, blank lines, a BOM and no final newline', () => {
    const { events, rejections } = scanned(`\uFEFF${PAYMENT}\r\n\r\n  \n${PAYMENT}\n\t${PAYMENT} `);
    expect(events).toHaveLength(3);
    expect(events[2]?.text).toBe(PAYMENT);
    expect(rejections).toEqual([]);
  });

  it('rejects a malformed line alone, with its number, blank lines counted', () => {
    const { events, rejections } = scanned(`${PAYMENT}\n\n{"level":\n${PAYMENT}\n${PAYMENT} x\nnull\n[1]\n${PAYMENT}`);
    expect(events).toHaveLength(3);
    expect(rejections).toEqual([
      { line: 3, code: 'invalid_json' },
      { line: 5, code: 'invalid_json' },
      { line: 6, code: 'not_an_object' },
      { line: 7, code: 'not_an_object' },
    ]);
  });

  it('reads one object over several lines, and still NDJSON whose first line is cut off', () => {
    expect(scanned(JSON.stringify(JSON.parse(PAYMENT), null, 2)).events).toMatchObject([{ level: 'ERROR' }]);
    const { events, rejections } = scanned(`{"level":"INFO",\n${PAYMENT}\n`);
    expect(events).toHaveLength(1);
    expect(rejections).toEqual([{ line: 1, code: 'invalid_json' }]);
  });

  it('reads the elements of an array, and says which one broke it', () => {
    expect(scanned(` [\n${PAYMENT} ,\n${PAYMENT}\n]\n`).events).toHaveLength(2);
    expect(scanned('[]')).toEqual({ events: [], rejections: [] });
    const { events, rejections } = scanned(`[${PAYMENT},7,${PAYMENT},{"level":},${PAYMENT}]`);
    expect(events).toHaveLength(2);
    expect(rejections).toEqual([
      { line: 2, code: 'not_an_object' },
      { line: 4, code: 'invalid_json' },
    ]);
  });

  it.each([`[${PAYMENT}`, `[${PAYMENT},]`, `[${PAYMENT}]x`, `[${PAYMENT} ${PAYMENT}]`])(
    'counts the good elements of a broken array: %s',
    (body) => {
      const { events, rejections } = scanned(body);
      expect(events).toHaveLength(1);
      expect(rejections).toEqual([{ line: 2, code: 'invalid_json' }]);
    },
  );
});

/** An object so many levels deep. */
function nested(depth: number): string {
  return `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
}

function fields(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`field_${i}`, i]));
}

describe('JSON scan: limits', () => {
  it('takes 32 levels and rejects 33, in a line and in an array, without losing the neighbours', () => {
    expect(scanned(nested(32)).events).toHaveLength(1);
    expect(scanned(`${PAYMENT}\n${nested(33)}\n${PAYMENT}`)).toMatchObject({
      events: [{}, {}],
      rejections: [{ line: 2, code: 'nesting_too_deep' }],
    });
    expect(scanned(`[${PAYMENT},{"a":"]}"},${nested(1000)},${PAYMENT}]`)).toMatchObject({
      events: [{}, {}, {}],
      rejections: [{ line: 3, code: 'nesting_too_deep' }],
    });
  });

  it('survives a million levels', () => {
    expect(scanned('['.repeat(1_000_000)).rejections).toHaveLength(1);
    expect(scanned('{"a":'.repeat(50_000)).rejections).toEqual([{ line: 1, code: 'nesting_too_deep' }]);
    expect(scanned('{"a":'.repeat(1_000_000)).rejections).toEqual([{ line: 1, code: 'event_too_large' }]);
  });

  it('counts the fields of all levels: 256 are taken, 257 are not', () => {
    expect(scanned(JSON.stringify({ ...fields(155), attributes: fields(100) })).events).toHaveLength(1);
    expect(scanned(JSON.stringify({ ...fields(156), attributes: fields(100) })).rejections).toEqual([
      { line: 1, code: 'too_many_fields' },
    ]);
  });

  it('rejects an event of more than 264 KiB alone, well formed or not', () => {
    const long = JSON.stringify({ message: 'x'.repeat(MAX_EVENT_BYTES) });
    const { events, rejections } = scanned(`${PAYMENT}\n${long}\n${long.slice(0, -1)}\n${PAYMENT}`);
    expect(events).toHaveLength(2);
    expect(rejections).toEqual([
      { line: 2, code: 'event_too_large' },
      { line: 3, code: 'event_too_large' },
    ]);
  });
});

describe('JSON scan: fields', () => {
  it.each([
    ['{"@timestamp":"T","service.name":"a","log.level":"warn"}', { time: 'T', service: 'a', level: 'warn' }],
    ['{"time":1767225600.5,"service_name":"a","severity":"W"}', { time: '1767225600.5', service: 'a', level: 'W' }],
    ['{"service":{"id":"x","name":"a"},"log":{"level":"e"},"lvl":"i"}', { service: 'a', level: 'e' }],
    ['{"service":{"deep":{"name":"no"}},"app":"a","level":50}', { service: 'a', level: '50' }],
    ['{"app":"b","service":"a","ts":null,"level":["x"]}', { service: 'a', time: null, level: null }],
    ['{"service":"","app":"a","service_name":42}', { service: 'a' }],
    ['{"attributes":{"service":"no","level":"no"}}', { service: null, level: null }],
    ['{"service":"a","service":"b"}', { service: 'b' }],
  ])('finds them in %s', (line, expected) => {
    expect(scanned(line).events[0]).toMatchObject(expected);
  });
});

/** What each line should come to, by JSON.parse. */
function oracle(line: string): 'blank' | 'event' | 'rejected' {
  if (/^[ \t\r]*$/.test(line)) return 'blank';
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'event' : 'rejected';
  } catch {
    return 'rejected';
  }
}

describe('JSON scan against JSON.parse', () => {
  const jsonLine = fc.json({ maxDepth: 4 });
  const objectLine = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.stringify(value));
  /** One character of a good line replaced, removed or doubled: where most parsers differ. */
  const mutated = fc
    .tuple(objectLine, fc.nat(), fc.constantFrom('', '"', '\\', '{', '}', ',', ':', '0', 'e', '-', '.', ' ', '\t', 'u'))
    .map(([line, at, by]) => line.slice(0, at % line.length) + by + line.slice((at % line.length) + 1));
  const noise = fc.string({
    unit: fc.constantFrom(...Array.from('{}[]",:\\ \t\r0123456789.eE+-truefalsn/bu')),
    maxLength: 24,
  });
  const line = fc.oneof(objectLine, jsonLine, mutated, noise).map((text) => text.replaceAll('\n', ' '));

  it('accepts exactly the lines that parse to an object', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
        // A body that begins with a bracket is an array, not lines.
        const body = ['{}', ...lines];
        const verdicts = body.map(oracle);
        const { events, rejections } = scanned(body.join('\n'));
        expect(rejections.map((rejection) => rejection.line)).toEqual(
          verdicts.flatMap((verdict, at) => (verdict === 'rejected' ? [at + 1] : [])),
        );
        expect(events).toHaveLength(verdicts.filter((verdict) => verdict === 'event').length);
      }),
      { numRuns: 5000 },
    );
  });

  it('accepts exactly the arrays of objects that parse', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(objectLine, mutated), { maxLength: 5 }), (elements) => {
        const body = `[${elements.join(',')}]`;
        let parsed: unknown;
        try {
          parsed = JSON.parse(body);
        } catch {
          parsed = undefined;
        }
        const { events, rejections } = scanned(body);
        if (Array.isArray(parsed)) expect(events.length + rejections.length).toBe(parsed.length);
        else expect(rejections.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('reads an event the same whatever keys the events before it had', () => {
    const names =
      ' a ts tt level lever log.level service services message messagf msg timestamp user_id é x"y ' +
      'duration_of_the_whole_call_in_ms duration_of_the_whole_call_in_us';
    const key = fc.constantFrom(...names.split(' '));
    const event = fc.array(fc.tuple(key, fc.constantFrom('x', '', 'a longer text', 7, null)), { maxLength: 6 });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), (events) => {
        const lines = events.map(
          (members) =>
            `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
        );
        expect(scanned(lines.join('\n')).events).toEqual(lines.flatMap((each) => scanned(each).events));
      }),
      { numRuns: 3000 },
    );
  });

  it('never leaves the body and always ends, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { events } = scanned(bytes);
        for (const { text } of events) expect(text.startsWith('{')).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
