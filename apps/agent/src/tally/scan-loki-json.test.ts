import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LokiJsonScan } from './scan-loki-json.ts';
import { mutated, scanned } from './testing/scanned.ts';

const NS = '1767225601000000000';
const MS = 1_767_225_601_000;
const scan = (body: unknown) => scanned(new LokiJsonScan(), Buffer.from(JSON.stringify(body)));
const push = (stream: object, ...values: unknown[]) => ({ streams: [{ stream, values }] });

describe('Loki JSON scan', () => {
  it('reads lines with the service and level of their stream', () => {
    const { events } = scan({
      streams: [
        {
          stream: { app: 'payment', level: 'error', pod: 'p-1' },
          values: [
            [NS, 'pool exhausted'],
            [NS, 'again'],
          ],
        },
        { stream: { job: 'cron' }, values: [[NS, 'done', { detected_level: 'warn', trace_id: '4bf9' }]] },
        { stream: {}, values: [] },
        { values: [[NS, 'nobody']] },
      ],
    });
    expect(events).toEqual([
      { service: 'payment', timeMs: MS, level: 'error', message: 'pool exhausted' },
      { service: 'payment', timeMs: MS, level: 'error', message: 'again' },
      { service: 'cron', timeMs: MS, level: 'warn', message: 'done', traceId: '4bf9' },
      { service: null, timeMs: MS, level: 'other', message: 'nobody' },
    ]);
  });

  it('finds labels that come behind the lines', () => {
    const body = {
      streams: [
        {
          values: [
            [NS, 'a'],
            [NS, 'b'],
          ],
          stream: { level: 'warn', service: 's' },
        },
      ],
      more: [1],
    };
    expect(scan(body).events).toMatchObject([
      { service: 's', level: 'warn' },
      { service: 's', level: 'warn' },
    ]);
  });

  it('takes the most telling of several labels for the service', () => {
    expect(
      scan(push({ job: 'varlogs', container: 'c', service_name: 'checkout', app: '' }, [NS, 'x'])).events,
    ).toMatchObject([{ service: 'checkout' }]);
  });

  it('shows the message of a line that is JSON itself', () => {
    const line = JSON.stringify({ level: 50, msg: 'pool exhausted', trace_id: '4bf9' });
    expect(scan(push({ app: 'a' }, [NS, line], [NS, '{not json'])).events).toMatchObject([
      { message: 'pool exhausted', traceId: '4bf9' },
      { message: '{not json' },
    ]);
  });

  it('rejects bad entries alone, by their number', () => {
    const { events, rejections } = scan(
      push(
        { app: 'a' },
        [NS, 'good'],
        [1767225601, 'a number'],
        [NS],
        'no entry',
        [NS, 7],
        ['yesterday', 'x'],
        [NS, 'good'],
      ),
    );
    expect(events).toHaveLength(2);
    expect(rejections.map(({ line, code }) => [line, code])).toEqual([
      [2, 'invalid_timestamp'],
      [3, 'invalid_json'],
      [4, 'invalid_json'],
      [5, 'invalid_json'],
      [6, 'invalid_timestamp'],
    ]);
  });

  it.each(['', '[]', '{"streams":[1]}', `{"streams":[{"values":[["${NS}","a"]]}`, '{"streams":[]}x'])(
    'takes nothing of %s',
    (text) => {
      expect(scanned(new LokiJsonScan(), Buffer.from(text)).isBroken).toBe(true);
    },
  );

  it('survives any bytes, and any change of a good body', () => {
    const golden = Buffer.from(JSON.stringify(push({ app: 'a', level: 'b' }, [NS, 'l\u0041', { a: 'b' }], [NS, 'm'])));
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(255),
        fc.constantFrom('set' as const, 'cut' as const, 'insert' as const),
        fc.uint8Array({ maxLength: 60 }),
        (at, byte, kind, noise) => {
          scanned(new LokiJsonScan(), Buffer.from(noise));
          expect(scanned(new LokiJsonScan(), mutated(golden, at, byte, kind)).events.length).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
