import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OtlpJsonScan } from './scan-otlp-json.ts';
import { OtlpProtobufScan } from './scan-otlp-protobuf.ts';
import { field, message, otlpRequest } from './testing/otlp-message.ts';
import { mutated, scanned } from './testing/scanned.ts';

const NANOS = 1_767_225_601_000_000_000n;
const MS = 1_767_225_601_000;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

const RECORD = message(
  field(1, NANOS),
  field(2, 17),
  field(3, 'ERROR'),
  field(5, field(1, 'pool exhausted')),
  field(6, message(field(1, 'db.system'), field(2, field(1, 'postgresql')))),
  field(9, Buffer.from(TRACE, 'hex')),
);
const EVENT = { service: 'payment', timeMs: MS, level: 'error', message: 'pool exhausted', traceId: TRACE };

const JSON_RECORD = {
  timeUnixNano: String(NANOS),
  severityNumber: 17,
  severityText: 'ERROR',
  body: { stringValue: 'pool exhausted' },
  attributes: [{ key: 'db.system', value: { stringValue: 'postgresql' } }],
  traceId: TRACE,
};
const RESOURCE = { attributes: [{ key: 'service.name', value: { stringValue: 'payment' } }] };
const jsonRequest = (...logRecords: unknown[]) => ({
  resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: 'x' }, logRecords }] }],
});

const protobuf = (body: Uint8Array) => scanned(new OtlpProtobufScan(), body);
const json = (body: unknown) => scanned(new OtlpJsonScan(), Buffer.from(JSON.stringify(body)));

/** 200 kB of fields within fields, the two numbers in turn. Their heads are written from within: each holds the length of what it holds. */
function nested(outer: number, inner: number): Buffer {
  const leaf = field(1, 'bottom');
  const heads: Buffer[] = [];
  let size = leaf.length;
  while (size < 200_000) {
    for (const number of [inner, outer]) {
      const head = [(number << 3) | 2];
      let left = size;
      for (; left > 127; left >>= 7) head.push((left & 127) | 128);
      heads.push(Buffer.from([...head, left]));
      size += head.length + 1;
    }
  }
  return Buffer.concat([...heads.toReversed(), leaf]);
}

describe('OTLP scans', () => {
  it('read the same record in both encodings', () => {
    expect(protobuf(otlpRequest('payment', RECORD)).events).toEqual([EVENT]);
    expect(json(jsonRequest(JSON_RECORD)).events).toEqual([EVENT]);
  });

  it('read an empty request', () => {
    const nothing = { events: [], rejections: [], isBroken: false };
    expect(protobuf(Buffer.alloc(0))).toEqual(nothing);
    expect(json({})).toEqual(nothing);
    expect(scanned(new OtlpJsonScan(), Buffer.alloc(0))).toEqual(nothing);
  });

  it('keep services apart, and know a resource that comes behind its records', () => {
    const late = message(
      field(2, field(2, RECORD)),
      field(1, field(1, message(field(2, field(1, 'late')), field(1, 'service.name')))),
    );
    const body = message(otlpRequest('payment', RECORD, RECORD), field(1, late), field(1, field(2, field(2, RECORD))));
    expect(protobuf(body).events.map(({ service }) => service)).toEqual(['payment', 'payment', 'late', null]);
    const [{ scopeLogs }] = jsonRequest(JSON_RECORD).resourceLogs;
    const request = { resourceLogs: [{ scopeLogs, schemaUrl: 'x', resource: RESOURCE }, { scopeLogs }] };
    expect(json(request).events.map(({ service }) => service)).toEqual(['payment', null]);
  });

  it.each([
    [1, 'debug'],
    [8, 'debug'],
    [9, 'info'],
    [16, 'warn'],
    [17, 'error'],
    [24, 'fatal'],
  ])('count severity number %i as %s', (severity, level) => {
    expect(protobuf(otlpRequest('s', field(2, severity))).events).toMatchObject([{ level }]);
    expect(json(jsonRequest({ severityNumber: severity })).events).toMatchObject([{ level }]);
  });

  it('count by severity text where there is no number, and by the time of observation where there is no other', () => {
    const record = message(field(1, 0n), field(11, NANOS), field(3, 'Warning'));
    const expected = [{ timeMs: MS, level: 'warn' }];
    expect(protobuf(otlpRequest('s', record)).events).toMatchObject(expected);
    const jsonRecord = { timeUnixNano: 0, observedTimeUnixNano: Number(NANOS), severityText: 'Warning' };
    expect(json(jsonRequest(jsonRecord)).events).toMatchObject(expected);
  });

  it('show bodies that are no text as JSON', () => {
    const pairs = message(
      field(1, message(field(1, 'ok'), field(2, field(2, 1)))),
      field(1, message(field(1, 'n'), field(2, field(5, message(field(1, field(3, 42)), field(1, field(1, 'a'))))))),
    );
    expect(protobuf(otlpRequest('s', field(5, field(6, pairs)))).events).toMatchObject([
      { message: '{"ok":true,"n":[42,"a"]}' },
    ]);
    expect(json(jsonRequest({ body: { intValue: '42' } }, {})).events).toMatchObject([
      { message: '42' },
      { message: '' },
    ]);
  });

  it('take a service name with a backslash as it is in protobuf', () => {
    expect(protobuf(otlpRequest('a\\nb', RECORD)).events).toMatchObject([{ service: 'a\\nb' }]);
    expect(json(jsonRequest(JSON_RECORD)).events).toHaveLength(1);
  });

  it('step over fields that they do not know', () => {
    const record = message(field(2, 9), field(99, 'new'), field(98, 7), field(97, 5n), field(12, 'event'));
    expect(protobuf(message(otlpRequest('s', record), field(77, 'x'))).events).toMatchObject([{ level: 'info' }]);
    expect(json({ x: { y: [] }, ...jsonRequest({ severityNumber: 9, x: [{}], eventName: 'e' }) }).events).toHaveLength(
      1,
    );
  });

  it('reject a record that is nested too deep, alone', () => {
    const { events, rejections } = protobuf(otlpRequest('s', RECORD, field(5, nested(5, 1)), RECORD));
    expect(events).toHaveLength(2);
    expect(protobuf(otlpRequest('s', field(5, nested(5, 2)))).events).toMatchObject([{ message: '[]' }]);
    expect(rejections).toMatchObject([{ line: 2, code: 'nesting_too_deep' }]);
  });

  it('reject a record that is too large, alone', () => {
    const large = field(5, field(1, 'x'.repeat(300_000)));
    expect(protobuf(otlpRequest('s', RECORD, large)).rejections).toMatchObject([{ line: 2, code: 'event_too_large' }]);
    expect(json(jsonRequest({ body: 'x'.repeat(300_000) }, JSON_RECORD))).toMatchObject({
      events: [{ level: 'error' }],
      rejections: [{ line: 1, code: 'event_too_large' }],
    });
  });

  it('take no more than 100,000 records in a request', () => {
    const empty = Buffer.from([0x12, 0]);
    const body = (records: number) => field(1, field(2, Buffer.concat(Array.from({ length: records }, () => empty))));
    expect(protobuf(body(100_000)).events).toHaveLength(100_000);
    expect(protobuf(body(100_001))).toMatchObject({ isBroken: true, rejections: [{ code: 'body_too_large' }] });
    const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${Array(100_001).fill('{}').join(',')}]}]}]}`;
    expect(scanned(new OtlpJsonScan(), Buffer.from(text)).rejections).toMatchObject([{ code: 'body_too_large' }]);
  });

  it('take nothing of a request that ends too early or lies about lengths', () => {
    const good = otlpRequest('payment', RECORD);
    for (let length = 1; length < good.length; length++) expect(protobuf(good.subarray(0, length)).isBroken).toBe(true);
    expect(protobuf(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])).isBroken).toBe(
      true,
    );
    expect(protobuf(Buffer.alloc(50, 0xff)).isBroken).toBe(true);
    const text = JSON.stringify(jsonRequest(JSON_RECORD));
    for (let length = 1; length < text.length; length++) {
      expect(scanned(new OtlpJsonScan(), Buffer.from(text.slice(0, length))).isBroken).toBe(true);
    }
  });

  it('survive any bytes, and any change of a good request', () => {
    const goldenProtobuf = otlpRequest('payment', RECORD, RECORD);
    const goldenJson = Buffer.from(JSON.stringify(jsonRequest(JSON_RECORD, JSON_RECORD)));
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(255),
        fc.constantFrom('set' as const, 'cut' as const, 'insert' as const),
        fc.uint8Array({ maxLength: 60 }),
        (at, byte, kind, noise) => {
          protobuf(Buffer.from(noise));
          scanned(new OtlpJsonScan(), Buffer.from(noise));
          expect(protobuf(mutated(goldenProtobuf, at, byte, kind)).events.length).toBeLessThanOrEqual(10);
          expect(scanned(new OtlpJsonScan(), mutated(goldenJson, at, byte, kind)).events.length).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
