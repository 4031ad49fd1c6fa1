import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ElasticBulkScan } from './scan-elastic-bulk.ts';
import { mutated, scanned } from './testing/scanned.ts';

const DOCUMENT =
  '{"@timestamp":"2026-01-01T00:00:01Z","log.level":"error","message":"pool exhausted","trace.id":"4bf9"}';
const scan = (body: string | Uint8Array) => scanned(new ElasticBulkScan(), Buffer.from(body));

describe('Elasticsearch bulk scan', () => {
  it('reads documents behind index and create, also with metadata, blanks, CRLF and no last newline', () => {
    const { events, rejections } = scan(
      `{"index":{"_index":"payment","_id":"7"}}\r\n${DOCUMENT}\r\n\r\n` +
        `{ "create" : { "dynamic_templates": {"a":["b"]}, "pipeline":null } }\n${DOCUMENT}`,
    );
    expect(rejections).toEqual([]);
    const event = { timeMs: 1_767_225_601_000, level: 'error', message: 'pool exhausted', traceId: '4bf9' };
    expect(events).toEqual([
      { service: 'payment', ...event },
      { service: null, ...event },
    ]);
  });

  it.each([
    ['payment-2026.11.21', 'payment'],
    ['logs-v2-2026.11', 'logs-v2'],
    ['payment-000012', 'payment'],
    ['payment-20261121', 'payment'],
    ['tier-12', 'tier-12'],
    ['2026.11.21', '2026.11.21'],
    ['logs-nginx-default', 'logs-nginx-default'],
    ['za\\u0068lung-2026.11.21', 'zahlung'],
  ])('takes index %s for service %s', (index, service) => {
    expect(scan(`{"create":{"_index":"${index}"}}\n{"message":"m"}\n`).events).toMatchObject([{ service }]);
  });

  it('lets the service of the document win over the index', () => {
    const body = '{"create":{"_index":"logs"}}\n{"service":{"name":"checkout"},"message":"m"}\n';
    expect(scan(body).events).toMatchObject([{ service: 'checkout' }]);
  });

  it('rejects bad documents, updates and deletes alone, by the number of the item', () => {
    const { events, rejections } = scan(
      `{"create":{}}\n{broken\n{"delete":{"_id":"1"}}\n{"create":{}}\n${DOCUMENT}\n{"update":{}}\n{"doc":{}}\n` +
        `{"create":{}}\n7\n{"create":{}}\n\n{"create":{}}\n${DOCUMENT}\n`,
    );
    expect(events).toHaveLength(2);
    expect(rejections.map(({ line, code }) => [line, code])).toEqual([
      [1, 'invalid_json'],
      [2, 'unsupported_action'],
      [4, 'unsupported_action'],
      [5, 'not_an_object'],
      [6, 'invalid_json'],
    ]);
  });

  it.each([
    ['a document where an action must be', `{"create":{}}\n${DOCUMENT}\n${DOCUMENT}\n`, 'line 3'],
    ['an action without its document', '{"create":{}}\n', 'line 1'],
    ['an action that is not one', '{"create":{}}\n{}\n\n{"upsert":{}}\n{}\n', 'line 4'],
    ['two actions in one', '{"create":{},"index":{}}\n{}\n', 'line 1'],
  ])('takes nothing of a body with %s', (_, body, line) => {
    const { isBroken, rejections } = scan(body);
    expect(isBroken).toBe(true);
    expect(rejections.at(-1)).toMatchObject({ code: 'invalid_json', detail: expect.stringContaining(line) });
  });

  it('refuses more than 100,000 items', () => {
    expect(scan('{"create":{}}\n{}\n'.repeat(100_001)).rejections).toMatchObject([{ code: 'body_too_large' }]);
  });

  it('survives any bytes, and any change of a good body', () => {
    const golden = Buffer.from(`{"create":{"_index":"a","_id":"\\u0041"}}\n${DOCUMENT}\n`.repeat(3));
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(255),
        fc.constantFrom('set' as const, 'cut' as const, 'insert' as const),
        fc.uint8Array({ maxLength: 60 }),
        (at, byte, kind, noise) => {
          scan(noise);
          const { events, rejections } = scan(mutated(golden, at, byte, kind));
          expect(events.length).toBeLessThanOrEqual(4);
          expect(events.length + rejections.length).toBeGreaterThan(at % golden.length === 0 ? -1 : 0);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});
