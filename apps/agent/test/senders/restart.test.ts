/** Real clients, and an agent that stops in the middle and comes back five seconds later. */
import { SeverityNumber } from '@opentelemetry/api';
import { OTLPLogExporter as GrpcExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { Client } from '@elastic/elasticsearch';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sfc32 } from '../../src/simulate/random.ts';
import { AgentProcess, eventually } from '../acceptance/agent-process.ts';
import { LossyProxy } from '../chaos/lossy-proxy.ts';

const EVENTS = 10_000;
/** A slow trickle, so that the restart falls into the middle of it. */
const EMIT_MS = 8000;
const STEPS = 100;
/** The SDK's own 10 s, retries included, are too few where a start takes longer than usual: half a minute on a busy machine. */
const PATIENCE_MS = 90_000;
const LIMIT_MS = 240_000;
const OUTAGE_MS = 5000;
/** What a start usually takes, with its database. */
const START_MS = 2000;

const agent = new AgentProcess();
/** Clients keep their address over the restart, whatever ports the agent gets. */
let http: LossyProxy;
let grpc: LossyProxy;
beforeAll(async () => {
  process.env['SENTINELLOG_RECEIVE_GRPC_LISTEN'] = '127.0.0.1:0';
  await agent.start();
  http = await LossyProxy.open(() => portOf(agent.url), new Sfc32(1));
  grpc = await LossyProxy.open(() => portOf(agent.listeners['otlp-grpc']), new Sfc32(2));
  process.env['OTEL_EXPORTER_OTLP_LOGS_HEADERS'] = `x-sentinel-key=${agent.credentials.ingestKey}`;
}, LIMIT_MS);
afterAll(async () => {
  delete process.env['SENTINELLOG_RECEIVE_GRPC_LISTEN'];
  delete process.env['OTEL_EXPORTER_OTLP_LOGS_HEADERS'];
  await http.close();
  await grpc.close();
  await agent.remove();
}, LIMIT_MS);

const portOf = (address = ''): number => Number(address.slice(address.lastIndexOf(':') + 1));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** @returns how long nobody answered, in milliseconds */
async function restart(): Promise<number> {
  await pause(EMIT_MS / 4);
  const since = performance.now();
  expect(await agent.stop()).toBe(0);
  await pause(Math.max(0, OUTAGE_MS - START_MS - (performance.now() - since)));
  await agent.start();
  return performance.now() - since;
}

async function countOf(service: string): Promise<number> {
  const nowMs = Date.now();
  const { total_events } = await agent.heartbeats({
    source: service,
    from: String(nowMs - 600_000),
    to: String(nowMs + 60_000),
  });
  return total_events;
}

/**
 * As docs/shippers/opentelemetry.md tells users of gRPC to do: the SDK's own exporter tries once, and drops the batch
 * (otlp-grpc-exporter-base 0.301: every error is a final `failure`).
 */
class PatientExporter implements LogRecordExporter {
  readonly #inner: LogRecordExporter;
  readonly #attempts: number;

  constructor(inner: LogRecordExporter, attempts = 90) {
    this.#inner = inner;
    this.#attempts = attempts;
  }

  export(records: Parameters<LogRecordExporter['export']>[0], done: Parameters<LogRecordExporter['export']>[1]): void {
    const attempt = (left: number): void =>
      this.#inner.export(records, (result) => {
        if (result.error === undefined || left === 0) done(result);
        else setTimeout(() => attempt(left - 1), 1000);
      });
    attempt(this.#attempts);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

/** @returns how long nobody answered, in milliseconds */
async function emitThroughRestart(service: string, exporter: LogRecordExporter): Promise<number> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    processors: [
      // What does not fit into the queue is dropped, and what is not exported within the time limit.
      new BatchLogRecordProcessor({
        exporter,
        maxQueueSize: 2 * EVENTS,
        scheduledDelayMillis: 200,
        exportTimeoutMillis: 2 * PATIENCE_MS,
      }),
    ],
  });
  const logger = provider.getLogger('test');
  const restarted = restart();
  for (let step = 0; step < STEPS; step++) {
    for (let n = 0; n < EVENTS / STEPS; n++) {
      logger.emit({ severityNumber: SeverityNumber.INFO, body: `order ${step}-${n} paid` });
    }
    await pause(EMIT_MS / STEPS);
  }
  const outageMs = await restarted;
  await provider.forceFlush();
  await provider.shutdown();
  return outageMs;
}

describe('an agent that restarts for five seconds', () => {
  it.each([
    ['protobuf over HTTP', () => new ProtobufExporter({ url: `${http.url}/v1/logs`, timeoutMillis: PATIENCE_MS })],
    ['JSON over HTTP', () => new JsonExporter({ url: `${http.url}/v1/logs`, timeoutMillis: PATIENCE_MS })],
    ['gRPC', () => new PatientExporter(new GrpcExporter({ url: grpc.url }))],
  ])(
    'costs the OpenTelemetry SDK no event: %s',
    async (name, exporter) => {
      const service = `otel-${name.split(' ')[0].toLowerCase()}`;
      const outageMs = await emitThroughRestart(service, exporter());
      // A batch whose answer was lost in the restart comes twice: OTLP has no batch ids. None may come less than once.
      const counted = await eventually(`${EVENTS} events of ${service}`, PATIENCE_MS, async () => {
        const count = await countOf(service);
        return count >= EVENTS ? count : undefined;
      }).catch(() => countOf(service));
      process.stderr.write(`${service}: ${counted} of ${EVENTS}, nobody there for ${Math.round(outageMs)} ms\n`);
      // Over HTTP the SDK tries five times more, thirteen seconds in all (otlp-exporter-base 0.301).
      expect(counted, `the agent was away for ${Math.round(outageMs)} ms`).toBeGreaterThanOrEqual(EVENTS);
      expect((counted - EVENTS) % 512).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'costs the bulk helper of Elasticsearch no event',
    async () => {
      const client = new Client({
        node: http.url,
        auth: { apiKey: agent.credentials.ingestKey },
        maxRetries: 90,
      });
      async function* documents() {
        for (let step = 0; step < STEPS; step++) {
          for (let n = 0; n < EVENTS / STEPS; n++) yield { service: 'bulk', message: `order ${step}-${n} paid` };
          await pause(EMIT_MS / STEPS);
        }
      }
      const restarted = restart();
      const stats = await client.helpers.bulk({
        datasource: documents(),
        flushBytes: 20_000,
        retries: 90,
        wait: 500,
        onDocument: () => ({ create: { _index: 'bulk' } }),
      });
      await restarted;
      expect(stats).toMatchObject({ failed: 0, successful: EVENTS });
      const counted = await countOf('bulk');
      process.stderr.write(`bulk: ${counted} of ${EVENTS}\n`);
      expect(counted).toBeGreaterThanOrEqual(EVENTS);
    },
    LIMIT_MS,
  );
});
