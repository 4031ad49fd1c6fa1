import { FRAME_COLUMNS } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TextReading, textHead } from '../pipeline/text-reading.ts';
import { eventColumn, eventService, eventTimeMs } from './event-fields.ts';
import { type EventScan, SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { MappedJsonScan } from './scan-mapped-json.ts';
import { TextScan } from './scan-text.ts';

const NOW = Date.parse('2026-03-05T12:00:00Z');

function read(text: string | Uint8Array, more: Partial<TextReading> = {}, scan: EventScan = new TextScan()) {
  const head = textHead({ parser: 'auto', layout: 'lines', zone: 'UTC', join: 'stack', ...more }, NOW);
  const body = Buffer.concat([head, Buffer.from(text)]);
  scan.begin(body);
  const events = [];
  const rejected = [];
  for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
    if (step !== SCAN_STEP.event) {
      rejected.push(`${scan.line} ${scan.rejection}: ${scan.detail}`);
      continue;
    }
    const ms = eventTimeMs(scan.spans, body);
    events.push({
      service: scan.spans.starts[SPAN.service] < 0 ? null : eventService(scan, body),
      level: FRAME_COLUMNS[eventColumn(scan.spans, body)],
      time: Number.isNaN(ms) ? null : new Date(ms).toISOString(),
      message: scan.text().message,
    });
  }
  return { events, rejected, unparsed: scan.unparsed };
}

describe('a line', () => {
  const at = '2026-03-05T11:58:15.000Z';
  it.each([
    [
      'of logfmt',
      'time=2026-03-05T11:58:15Z level=warn service=checkout msg="slow \\"query\\"" took=3s',
      { service: 'checkout', level: 'warn', time: at, message: 'slow \\"query\\"' },
    ],
    [
      'of JSON',
      '{"ts":"2026-03-05T11:58:15Z","severity":"ERROR","app":"cart","msg":"caf\\u00e9 closed"}',
      { service: 'cart', level: 'error', time: at, message: 'café closed' },
    ],
    [
      'of the combined access log',
      '192.0.2.7 - ann [05/Mar/2026:12:58:15 +0100] "GET /a\\"b HTTP/1.1" 503 2326 "-" "curl"',
      { service: null, level: 'error', time: at, message: '"GET /a\\"b HTTP/1.1" 503 2326 "-" "curl"' },
    ],
    [
      'of Log4j',
      '2026-03-05 11:58:15,000 [http-8] ERROR c.s.Orders - pool exhausted',
      { service: null, level: 'error', time: at, message: '[http-8] ERROR c.s.Orders - pool exhausted' },
    ],
    [
      'of Serilog',
      '[2026-03-05T11:58:15Z] [WRN] disk is nearly full',
      { service: null, level: 'warn', time: at, message: '[WRN] disk is nearly full' },
    ],
    [
      'in which error is only a word',
      '2026-03-05T11:58:15Z no error was found',
      { service: null, level: 'other', time: at, message: 'no error was found' },
    ],
    [
      'of /var/log/syslog',
      'Mar  5 11:58:15 web-1 CRON[77]: (root) CMD (run-parts)',
      { service: 'CRON', level: 'other', time: at, message: '(root) CMD (run-parts)' },
    ],
    [
      'of a newer /var/log/syslog',
      '2026-03-05T12:58:15.000000+01:00 web-1 sshd[77]: Failed password for root',
      { service: 'sshd', level: 'other', time: at, message: 'Failed password for root' },
    ],
  ])('%s', (_, line, expected) => {
    expect(read(`${line}\n`)).toEqual({ events: [expected], rejected: [], unparsed: 0 });
  });

  it('that no parser knows counts all the same, and is counted as such', () => {
    const { events, unparsed } = read('hello\nx=1\n\r\nerror: something\n');
    expect(events.map(({ message }) => message)).toEqual(['hello', 'x=1', 'error: something']);
    expect(unparsed).toBe(3);
  });

  it('is read by the expression of its user before anything else, also with letters of other alphabets', () => {
    const patterns = { shop: '^(?P<level>\\w+)/(?P<service>[^:]+): (?P<message>.*)$' };
    expect(read('ERROR/café: zu spät\n', { patterns }).events).toEqual([
      { service: 'café', level: 'error', time: null, message: 'zu spät' },
    ]);
    expect(read('ERROR/cart: late\n', { patterns, parser: 'logfmt' }).unparsed).toBe(1);
  });

  it('has a time in the zone of its source', () => {
    expect(read('2026-07-05 11:58:15 INFO up\n', { zone: 'Europe/Berlin' }).events[0]).toMatchObject({
      time: '2026-07-05T09:58:15.000Z',
    });
  });

  it('has its fields where the mapping says, deep or dotted', () => {
    const fields = { service: ['kubernetes.labels.app'], time: ['when'], level: ['log.sev'], message: ['text'] };
    const expected = { service: 'cart', level: 'error', time: '2026-03-05T11:58:15.000Z', message: 'a "b"' };
    const deep =
      '{"kubernetes":{"labels":{"app":"cart"}},"when":1772711895000,"log":{"sev":"error"},"text":"a \\"b\\""}';
    const dotted =
      '{"service":"x","kubernetes.labels.app":"cart","when":1772711895,"log.sev":"error","text":"a \\"b\\""}';
    expect(read(`${deep}\n${dotted}\n`, { fields }).events).toEqual([expected, expected]);
    expect(read(`[${deep},${dotted}]`, { fields }, new MappedJsonScan()).events).toEqual([expected, expected]);
  });
});

describe('lines that belong together', () => {
  const traces = {
    Java: 'ERROR boom\njava.lang.X: y\n'.slice(0, 11) + '\tat a.B.c(B.java:1)\nCaused by: java.Z: w\n\t... 12 more\n',
    Python:
      'ERROR boom\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: x\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "b.py", line 2\nKeyError: y\n',
    'Node.js': 'Error: boom\n    at run (a.js:1:1) {\n  code: 1\n',
    '.NET':
      'boom\n   at A.B()\n   --- End of inner exception stack trace ---\n--- End of stack trace from previous location ---\n   at C.D()\n',
  };
  it.each(Object.entries(traces))('are one event: %s', (_, trace) => {
    const { events } = read(`${trace}next line\n`);
    expect(events.map(({ message }) => message)).toEqual([trace.trimEnd(), 'next line']);
  });

  it('stay apart where joining is switched off, and follow an expression where one is given', () => {
    expect(read('a\n b\nc\n', { join: 'none' }).events).toHaveLength(3);
    expect(read('a\n+b\n c\n', { join: '^\\+' }).events.map(({ message }) => message)).toEqual(['a\n+b', ' c']);
  });
});

const cri = (content: string) => `2026-03-05T11:58:15.123456789Z stdout ${content}\n`;

describe('CRI lines', () => {
  it('are stripped, and their parts joined', () => {
    const { events } = read(cri('P {"level":"error","msg":"a ') + cri('F b"}') + cri('F level=info msg=ok'), {
      parser: 'cri',
    });
    expect(events).toEqual([
      { service: null, level: 'error', time: '2026-03-05T11:58:15.123Z', message: 'a b' },
      { service: null, level: 'info', time: '2026-03-05T11:58:15.123Z', message: 'level=info msg=ok' },
    ]);
  });

  it('keep stack traces in one event', () => {
    const { events } = read(cri('F Error: boom') + cri('F     at a.js:1') + cri('F next'), { parser: 'cri' });
    expect(events.map(({ message }) => message)).toEqual(['Error: boom\n    at a.js:1', 'next']);
  });
});

describe('journald export', () => {
  it('is read entry by entry, with binary fields', () => {
    const binary = Buffer.concat([
      Buffer.from('MESSAGE\n'),
      Buffer.from([5, 0, 0, 0, 0, 0, 0, 0]),
      Buffer.from('a\nb=c\n'),
    ]);
    const text = Buffer.concat([
      Buffer.from(
        '__REALTIME_TIMESTAMP=1772711895000000\nPRIORITY=3\n_SYSTEMD_UNIT=x.service\nSYSLOG_IDENTIFIER=sshd\n',
      ),
      binary,
      Buffer.from('\n__REALTIME_TIMESTAMP=1772711895000000\nMESSAGE=hello\n\n'),
    ]);
    expect(read(text, { parser: 'journald' })).toEqual({
      events: [
        { service: 'sshd', level: 'error', time: '2026-03-05T11:58:15.000Z', message: 'a\nb=c' },
        { service: null, level: 'other', time: '2026-03-05T11:58:15.000Z', message: 'hello' },
      ],
      rejected: [],
      unparsed: 0,
    });
  });
});

describe('a schema', () => {
  const schemas = {
    cart: {
      required: ['timestamp', 'level', 'service', 'message'],
      levels: ['INFO', 'ERROR'],
      types: { duration_ms: 'number' },
    },
  } as const;
  it.each([
    ['{"@timestamp":"2026-03-05T11:58:15Z","level":"info","service":"cart","msg":"x"}', undefined],
    ['{"level":"info","service":"cart","msg":"x"}', 'the field "timestamp" is missing'],
    ['{"ts":1,"level":"info","service":"cart"}', 'the field "message" is missing'],
    ['{"ts":1,"level":"warn","service":"cart","msg":"x"}', 'the level is none of INFO, ERROR'],
    ['{"ts":1,"level":"info","service":"cart","msg":"x","duration_ms":"3"}', 'the field "duration_ms" is no number'],
    ['{"service":"other"}', undefined],
  ])('lets in what keeps to it: %s', (line, why) => {
    const expected = why === undefined ? [] : [`1 schema_violation: ${why}`];
    expect(read(line, { schemas }, new MappedJsonScan()).rejected).toEqual(expected);
    expect(read(`${line}\n`, { schemas }).rejected).toEqual(expected);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    '\n',
    ' ',
    '\t',
    '{"level":"error"}',
    '{',
    '}',
    '"',
    '=',
    'a=b',
    'level=info',
    'stdout P ',
    'stdout F ',
    '2026-03-05T11:58:15Z ',
    '[05/Mar/2026:12:58:15 +0100] "',
    'Mar  5 11:58:15 ',
    '<13>',
    'Traceback (most recent call last):',
    'MESSAGE\n\u0005\0\0\0\0\0\0\0',
    'ERROR',
    ':',
    '\\',
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((parts) => Buffer.from(parts.join(''))),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );
  it.each(['auto', 'cri', 'journald', 'json', 'logfmt', 'access', 'syslog', 'timestamped', 'plain'])(
    'is read to its end, every event behind the one before, by %s',
    (parser) => {
      fc.assert(
        fc.property(texts, (text) => {
          const scan = new TextScan();
          const head = textHead({ parser, layout: 'lines', zone: 'UTC', join: 'stack' }, NOW);
          const body = Buffer.concat([head, text]);
          scan.begin(body);
          let last = 0;
          for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
            if (step !== SCAN_STEP.event) continue;
            expect(scan.spans.starts[SPAN.event]).toBeGreaterThanOrEqual(last);
            expect(scan.spans.ends[SPAN.event]).toBeLessThanOrEqual(body.length);
            expect(scan.spans.ends[SPAN.event]).toBeGreaterThan(scan.spans.starts[SPAN.event]);
            last = scan.spans.ends[SPAN.event];
            for (const [start, end] of [
              [scan.spans.starts[SPAN.service], scan.spans.ends[SPAN.service]],
              [scan.spans.starts[SPAN.level], scan.spans.ends[SPAN.level]],
            ]) {
              if (start >= 0) expect(end).toBeLessThanOrEqual(scan.spans.ends[SPAN.event]);
            }
            if (scan.spans.starts[SPAN.service] >= 0) eventService(scan, body);
            scan.text();
          }
        }),
        { numRuns: Number(process.env['SENTINELLOG_FUZZ_RUNS'] ?? 200) },
      );
    },
  );
});
