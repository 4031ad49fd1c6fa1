import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStream } from './event-stream.ts';
import { LineBatch } from './line-batch.ts';
import { isError, MESSAGES } from './messages/messages.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';
import { TrafficModel } from './traffic-model.ts';

const FROM = Date.parse('2026-03-03T14:00:00Z') / 1000;
const cascade = [{ name: 'cascade', startSecond: FROM + 60 }] as const;
const aModel = (rate = 1) =>
  new TrafficModel({ seed: 3, rate, referenceSecond: FROM, scenariosAt: (at) => (at >= FROM + 60 ? cascade : []) });

/** The NDJSON of everything before `untilMs`, through batches of the given size. */
function write(stream: EventStream, untilMs: number, capacity = 1 << 16): string {
  const batch = new LineBatch(capacity);
  let text = '';
  for (;;) {
    const stopped = stream.writeInto(batch, untilMs);
    text += Buffer.from(batch.body).toString('utf8');
    batch.clear();
    if (stopped === 'caught_up') return text;
  }
}

/** A line as the agent would understand it. */
function read(line: string) {
  const fields = JSON.parse(line) as Record<string, unknown>;
  const service = fields['service.name'] ?? (fields['service'] as { name?: string }).name ?? fields['service'];
  const time = fields['timestamp'] ?? fields['@timestamp'] ?? fields['time'];
  return {
    fields,
    service: service as ServiceName,
    timeMs: typeof time === 'number' ? time : Date.parse(String(time)),
    failed: ['ERROR', 'FATAL', 'error', 'fatal', 'CRITICAL', 50, 60].includes(
      (fields['level'] ?? fields['severity'] ?? fields['log.level']) as string | number,
    ),
    message: String(fields['message'] ?? fields['msg']),
    traceId: String(fields['trace_id']),
  };
}

const median = (of: readonly number[]) => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)];

const MINUTES = 10;
const text = write(new EventStream(aModel(), 3, FROM), (FROM + MINUTES * 60) * 1000);
const lines = text.split('\n').filter(Boolean).map(read);

describe('the stream of events', () => {
  it('writes exactly the lines and errors that the model counts, second by second', () => {
    const model = aModel();
    const written = new Map<string, { events: number; errors: number }>();
    for (const { service, timeMs, failed } of lines) {
      const key = `${service} ${Math.floor(timeMs / 1000)}`;
      const { events, errors } = written.get(key) ?? { events: 0, errors: 0 };
      written.set(key, { events: events + 1, errors: errors + (failed ? 1 : 0) });
    }
    for (let at = FROM; at < FROM + MINUTES * 60; at++) {
      for (const service of SERVICE_NAMES) {
        const { events, errors } = model.countsAt(service, at);
        expect(written.get(`${service} ${at}`) ?? { events: 0, errors: 0 }).toEqual({ events, errors });
      }
    }
  });

  it('is in order of time', () => {
    for (let i = 1; i < lines.length; i++) expect(lines[i].timeMs).toBeGreaterThanOrEqual(lines[i - 1].timeMs);
  });

  it('is the same to the byte however it is cut', () => {
    const end = (FROM + 90) * 1000;
    const whole = write(new EventStream(aModel(), 3, FROM), end);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: FROM * 1000, max: end }), { maxLength: 40 }),
        fc.integer({ min: 200, max: 20_000 }),
        (cuts, capacity) => {
          const stream = new EventStream(aModel(), 3, FROM);
          const pieces = [...cuts.toSorted((a, b) => a - b), end].map((cut) => write(stream, cut, capacity));
          expect(pieces.join('')).toBe(whole);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('holds nobody up for long when there is next to nothing to write', () => {
    const stream = new EventStream(aModel(0.001), 3, FROM);
    const batch = new LineBatch(1 << 20);
    expect(stream.writeInto(batch, (FROM + 30 * 86_400) * 1000)).toBe('more');
    expect(stream.second).toBeLessThan(FROM + 2 * 3600);
  });
});

describe('the lines', () => {
  it('come in the field names of different loggers', () => {
    const names = new Set(lines.map(({ fields }) => Object.keys(fields).slice(0, 4).toSorted().join(' ')));
    expect(names).toEqual(
      new Set([
        'level message service timestamp',
        '@timestamp log.level message service.name',
        'msg service severity time',
        'level msg service time',
      ]),
    );
  });

  it('carry latency, trace, request and user, and a code where something failed', () => {
    for (const { fields } of lines.slice(0, 500)) {
      expect(fields).toMatchObject({
        duration_ms: expect.any(Number),
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        request_id: expect.stringMatching(/^req-[0-9a-f]{12}$/),
        user_id: expect.stringMatching(/^u\d{5}$/),
      });
    }
    expect(lines.filter(({ failed }) => failed).every(({ fields }) => typeof fields['error_code'] === 'string')).toBe(
      true,
    );
  });

  it('share a trace along gateway, order and payment, in that order', () => {
    const firstSeen = new Map<string, Map<string, number>>();
    for (const { service, traceId, timeMs } of lines) {
      const seen = firstSeen.get(traceId) ?? new Map<string, number>();
      if (!seen.has(service)) seen.set(service, timeMs);
      firstSeen.set(traceId, seen);
    }
    const whole = [...firstSeen.values()].filter((seen) =>
      ['gateway', 'order-service', 'payment-service'].every((service) => seen.has(service)),
    );
    expect(whole.length).toBeGreaterThan(200);
    for (const seen of whole) expect(seen.get('gateway')).toBeLessThanOrEqual(seen.get('order-service') ?? 0);
  });

  it('say in the cascade what broke, and some of it over several lines', () => {
    const said = lines.filter(({ failed }) => failed).map(({ service, message }) => `${service}: ${message}`);
    expect(said.some((line) => line.startsWith('payment-service: connection pool exhausted'))).toBe(true);
    expect(said.some((line) => line.includes('did not answer for ORD-'))).toBe(true);
    expect(said.some((line) => line.startsWith('gateway: 504 POST /api/checkout'))).toBe(true);
    expect(said.some((line) => line.includes('\n\tat shop.payment'))).toBe(true);
  });

  it('get slower in the cascade', () => {
    const payments = lines.filter(({ service }) => service === 'payment-service');
    const before = payments
      .filter(({ timeMs }) => timeMs < (FROM + 60) * 1000)
      .map(({ fields }) => Number(fields['duration_ms']));
    const within = payments
      .filter(({ timeMs }) => timeMs >= (FROM + 60) * 1000 && timeMs < (FROM + 360) * 1000)
      .map(({ fields }) => Number(fields['duration_ms']));
    expect(median(within)).toBeGreaterThan(5 * median(before));
  });

  it.each(SERVICE_NAMES)('%s has a dozen things to say, some of them errors', (service) => {
    expect(MESSAGES[service].length).toBeGreaterThanOrEqual(12);
    expect(MESSAGES[service].some(isError)).toBe(true);
    expect(MESSAGES[service].filter((template) => !isError(template)).length).toBeGreaterThan(8);
  });

  it('repeat themselves as little as real ones', () => {
    expect(new Set(lines.map(({ message }) => message)).size).toBeGreaterThan(lines.length * 0.5);
  });
});
