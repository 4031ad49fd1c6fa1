import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LokiProtobufScan } from './scan-loki-protobuf.ts';
import { field, message } from './testing/otlp-message.ts';
import { mutated, scanned } from './testing/scanned.ts';

const SECONDS = 1_767_225_601;
const time = message(field(1, SECONDS), field(2, 999_999_999));
const entry = (line: string, ...more: Uint8Array[]) => field(2, message(field(1, time), field(2, line), ...more));
const metadata = (name: string, value: string) => field(3, message(field(1, name), field(2, value)));
const stream = (labels: string, ...entries: Uint8Array[]) => field(1, message(field(1, labels), ...entries));
const scan = (body: Uint8Array) => scanned(new LokiProtobufScan(), body);

const GOLDEN = message(
  stream('{app="payment", level="error", pod="p\\"1"}', entry('pool exhausted'), entry('again')),
  stream('{job="cron"}', entry('{"msg":"done"}', metadata('detected_level', 'warn'), metadata('trace_id', '4bf9'))),
  stream('{}', entry('nobody')),
);

describe('Loki protobuf scan', () => {
  it('reads lines with the service and level of their stream', () => {
    const timeMs = SECONDS * 1000 + 999;
    expect(scan(GOLDEN)).toEqual({
      events: [
        { service: 'payment', timeMs, level: 'error', message: 'pool exhausted' },
        { service: 'payment', timeMs, level: 'error', message: 'again' },
        { service: 'cron', timeMs, level: 'warn', message: 'done', traceId: '4bf9' },
        { service: null, timeMs, level: 'other', message: 'nobody' },
      ],
      rejections: [],
      isBroken: false,
    });
  });

  it('finds labels that come behind the lines, and a line without a time', () => {
    const late = field(1, message(field(2, field(2, 'm')), field(1, '{a="",service_name="s"}')));
    expect(scan(late).events).toEqual([{ service: 's', timeMs: Number.NaN, level: 'other', message: 'm' }]);
  });

  it('rejects an entry that is too large, alone', () => {
    const { events, rejections } = scan(stream('{}', entry('a'), entry('x'.repeat(300_000)), entry('b')));
    expect(events).toHaveLength(2);
    expect(rejections).toMatchObject([{ line: 2, code: 'event_too_large' }]);
  });

  it('takes nothing of a request that lies about lengths', () => {
    expect(scan(GOLDEN.subarray(0, GOLDEN.length - 1)).isBroken).toBe(true);
    expect(scan(Buffer.alloc(20, 0xff)).isBroken).toBe(true);
  });

  it('survives any bytes, and any change of a good body', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(255),
        fc.constantFrom('set' as const, 'cut' as const, 'insert' as const),
        fc.uint8Array({ maxLength: 60 }),
        (at, byte, kind, noise) => {
          scan(Buffer.from(noise));
          scan(mutated(GOLDEN, at, byte, kind));
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
