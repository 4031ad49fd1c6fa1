import { Sfc32 } from '../../src/simulate/random.ts';

/** What one batch is, by its number: the oracle needs no copy of what it sent to tell whether it came back intact. */
export interface ChaosBatch {
  readonly id: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly events: number;
  /** Events by service. */
  readonly counts: ReadonlyMap<string, number>;
}

const SERVICES = ['chaos-gateway', 'chaos-orders', 'chaos-payments', 'chaos-search', 'chaos-users'] as const;
const LEVELS = ['INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR'] as const;
/** One batch in four comes as OpenTelemetry senders write it. */
const OTLP_SHARE = 4;
/** Batches spread over so much event time before the start of the run. */
const SPREAD_MS = 600_000;

export function batchId(seed: number, number: number): string {
  return `chaos-${seed}-${number}`;
}

/** The number of a batch that this run may have sent; undefined for any other id. */
export function numberOf(seed: number, id: string): number | undefined {
  const number = Number(id.slice(`chaos-${seed}-`.length));
  return batchId(seed, number) === id && Number.isInteger(number) ? number : undefined;
}

/** f(seed, number): the same bytes whenever it is called. @param baseMs the start of the run */
export function chaosBatch(seed: number, number: number, baseMs: number, events: number): ChaosBatch {
  const chance = new Sfc32(seed, number);
  const service = SERVICES[chance.uint32() % SERVICES.length];
  const atMs = baseMs - (chance.uint32() % SPREAD_MS);
  const lines = Array.from({ length: events }, (_, line) => ({
    level: LEVELS[chance.uint32() % LEVELS.length],
    message: `request ${chance.uint32()} of batch ${number}, line ${line}, took ${chance.uint32() % 900} ms`,
    atMs: atMs + line,
  }));
  const isOtlp = number % OTLP_SHARE === 0;
  return {
    id: batchId(seed, number),
    path: isOtlp ? '/v1/logs' : '/v1/ingest',
    contentType: isOtlp ? 'application/json' : 'application/x-ndjson',
    body: Buffer.from(isOtlp ? otlp(service, lines) : ndjson(service, lines)),
    events,
    counts: new Map([[service, events]]),
  };
}

interface Line {
  readonly level: string;
  readonly message: string;
  readonly atMs: number;
}

function ndjson(service: string, lines: readonly Line[]): string {
  return lines
    .map(({ level, message, atMs }) => {
      const timestamp = new Date(atMs).toISOString();
      return `${JSON.stringify({ timestamp, service, level, message })}\n`;
    })
    .join('');
}

function otlp(service: string, lines: readonly Line[]): string {
  const logRecords = lines.map(({ level, message, atMs }) => ({
    timeUnixNano: `${atMs}000000`,
    severityText: level,
    body: { stringValue: message },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
}
