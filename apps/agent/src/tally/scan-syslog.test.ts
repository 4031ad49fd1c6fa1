import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textHead } from '../pipeline/text-reading.ts';
import { SCAN_STEP } from './event-scan.ts';
import { SPAN } from './event-spans.ts';
import { eventColumn, eventService, eventTimeMs } from './event-fields.ts';
import { SyslogScan } from './scan-syslog.ts';
import { FRAME_COLUMNS } from '@sentinellog/shared';

const NOW = Date.parse('2026-03-05T12:00:00Z');

function read(frames: string | Uint8Array, more: { zone?: string; zones?: Record<string, string> } = {}) {
  const head = textHead({ parser: 'auto', layout: 'framed', zone: 'UTC', join: 'none', ...more }, NOW);
  const body = Buffer.concat([head, Buffer.from(frames)]);
  const scan = new SyslogScan();
  scan.begin(body);
  const events = [];
  for (let step = scan.next(); step !== SCAN_STEP.end; step = scan.next()) {
    expect(step).toBe(SCAN_STEP.event);
    const ms = eventTimeMs(scan.spans, body);
    events.push({
      service: scan.spans.starts[SPAN.service] < 0 ? null : eventService(scan, body),
      level: FRAME_COLUMNS[eventColumn(scan.spans, body)],
      time: Number.isNaN(ms) ? null : new Date(ms).toISOString(),
      message: scan.text().message,
    });
  }
  return { events, unparsed: scan.unparsed };
}

const one = (message: string, more = {}) => read(`${message}\n`, more).events[0];

describe('a syslog message', () => {
  it.each([
    [
      'RFC 5424',
      '<165>1 2026-03-05T11:59:58.003+01:00 web-1 evntslog 1370 ID47 [exampleSDID@32473 iut="3" eventSource="App\\"]"] An application event',
      { service: 'evntslog', level: 'info', time: '2026-03-05T10:59:58.003Z', message: 'An application event' },
    ],
    [
      'RFC 5424 without anything but its host',
      '<34>1 - web-1 - - - - \uFEFF‘su root’ failed',
      { service: 'web-1', level: 'fatal', time: null, message: '‘su root’ failed' },
    ],
    [
      'RFC 3164',
      "<34>Mar  5 11:58:15 mymachine su[77]: 'su root' failed for lonvick",
      { service: 'su', level: 'fatal', time: '2026-03-05T11:58:15.000Z', message: "'su root' failed for lonvick" },
    ],
    [
      'RFC 3164 without a host',
      '<11>Mar  5 11:58:15 backup: disk is full',
      { service: 'backup', level: 'error', time: '2026-03-05T11:58:15.000Z', message: 'disk is full' },
    ],
    [
      'RFC 3164 without a tag',
      '<13>Mar 05 11:58:15 10.1.2.3 the printer is on fire',
      { service: '10.1.2.3', level: 'info', time: '2026-03-05T11:58:15.000Z', message: 'the printer is on fire' },
    ],
    [
      'of a year ago, by a date that has no year',
      '<11>Dec 31 23:59:59 web-1 cron[1]: late',
      { service: 'cron', level: 'error', time: '2025-12-31T23:59:59.000Z', message: 'late' },
    ],
    [
      'with an ISO time',
      '<12>2026-03-05T11:58:15.25+00:00 web-1 nginx: upstream timed out',
      { service: 'nginx', level: 'warn', time: '2026-03-05T11:58:15.250Z', message: 'upstream timed out' },
    ],
    [
      'of Cisco IOS',
      '<187>29: *Mar  5 11:46:11.123: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down',
      {
        service: 'LINK',
        level: 'error',
        time: '2026-03-05T11:46:11.123Z',
        message: '%LINK-3-UPDOWN: Interface Gi0/1, changed state to down',
      },
    ],
    [
      'of Cisco IOS with a year and a zone',
      '<189>: 2026 Mar  5 11:48:50.483 UTC: %SYS-5-CONFIG_I: Configured from console',
      {
        service: 'SYS',
        level: 'info',
        time: '2026-03-05T11:48:50.483Z',
        message: '%SYS-5-CONFIG_I: Configured from console',
      },
    ],
    [
      'of Cisco ASA',
      '<166>Mar 05 2026 11:00:00 asa1 : %ASA-6-305011: Built dynamic TCP translation',
      {
        service: 'asa1',
        level: 'info',
        time: '2026-03-05T11:00:00.000Z',
        message: '%ASA-6-305011: Built dynamic TCP translation',
      },
    ],
    [
      'that carries the JSON of a logger',
      '<14>1 2026-03-05T11:58:15Z web-1 shop - - - {"level":"error","msg":"pool exhausted","service":"x"}',
      { service: 'shop', level: 'error', time: '2026-03-05T11:58:15.000Z', message: 'pool exhausted' },
    ],
    ['that is all text', '<13>hello', { service: null, level: 'info', time: null, message: 'hello' }],
  ])('%s', (_, message, expected) => {
    expect(one(message)).toEqual(expected);
  });

  it.each(['no priority at all', '<999>Mar 5 11:58:15 a b: c', '<', '<13', '<1>1 - - -', '\u0016\u0003\u0001 TLS'])(
    'that cannot be read is kept raw and counted: %s',
    (message) => {
      const { events, unparsed } = read(`${message}\n`);
      expect(events).toEqual([{ service: null, level: 'other', time: null, message }]);
      expect(unparsed).toBe(1);
    },
  );

  it('has a time in the zone of its source, through a change of the clocks', () => {
    const berlin = { zone: 'Europe/Berlin' };
    expect(one('<11>Mar  5 11:58:15 web-1 su: x', berlin)).toMatchObject({ time: '2026-03-05T10:58:15.000Z' });
    const zones = { zones: { su: 'America/New_York', 'web-2': 'Asia/Kolkata' } };
    expect(one('<11>Mar  4 11:58:15 web-1 su: x', zones)).toMatchObject({ time: '2026-03-04T16:58:15.000Z' });
    expect(one('<11>Mar  4 11:58:15 web-2 cron: x', zones)).toMatchObject({ time: '2026-03-04T06:28:15.000Z' });
  });
});

describe('a body of syslog', () => {
  it('mixes both framings, message by message', () => {
    const first = '<11>Mar  5 11:58:15 a b: with\nline feed';
    const frames = `${first.length} ${first}<11>Mar  5 11:58:15 a c: plain\r\n\n8 <13>last<14>end`;
    expect(read(frames).events.map(({ message }) => message)).toEqual(['with\nline feed', 'plain', 'last', 'end']);
  });

  it('takes numbers at the beginning of a message for what they are', () => {
    expect(read('200 requests failed\n12 <b>bold</b>\n').events.map(({ message }) => message)).toEqual([
      '200 requests failed',
      '<b>bold</b>',
    ]);
  });

  it('is read to its end whatever it holds, and the positions stay inside', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .string({ unit: fc.constantFrom(...Array.from('<>0159 :[]-Mar%\n"\\=TZ{}')), maxLength: 120 })
        .map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (frames) => {
        const { events } = read(frames);
        for (const { message } of events) expect(message.length).toBeLessThanOrEqual(frames.length);
      }),
      { numRuns: Number(process.env['SENTINELLOG_FUZZ_RUNS'] ?? 500) },
    );
  });
});
