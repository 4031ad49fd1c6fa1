/**
 * The load generator, on a thread of its own: sockets and ready-made requests, no HTTP client, so that what is measured
 * is the server. Each connection has one request under way and sends the next when it is answered.
 */
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { type LogBatch, logBatch, otlpBatch, setTime } from './log-batches.ts';

export interface Load {
  readonly url: string;
  readonly path: string;
  readonly key: string;
  readonly connections: number;
  readonly eventsPerBatch: number;
  readonly batches: number;
  readonly seconds: number;
  /** Default: NDJSON whose event times are set at each send. */
  readonly format?: 'json' | 'otlp' | 'otlp-gzip';
  /** How many services the events are of; default eight. */
  readonly services?: number;
  /** All connections together; absent: as fast as answers come. Latency is then counted from when a request was due. */
  readonly requestsPerSecond?: number;
}

export interface Sent {
  readonly requests: number;
  readonly events: number;
  readonly failures: number;
  readonly seconds: number;
  /** Milliseconds from the first byte of a request to the last of its answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface ReadyRequest {
  readonly head: Buffer;
  readonly batch: LogBatch;
}

const HEADERS = {
  json: [],
  otlp: ['Content-Type: application/x-protobuf'],
  'otlp-gzip': ['Content-Type: application/x-protobuf', 'Content-Encoding: gzip'],
} as const;

function batchOf({ format = 'json', eventsPerBatch, services }: Load, number: number): LogBatch {
  if (format === 'json') return logBatch(number, eventsPerBatch, services);
  const batch = otlpBatch(number, eventsPerBatch, Date.now());
  return format === 'otlp' ? batch : { ...batch, body: gzipSync(batch.body) };
}

/** Latencies are kept up to this many; a minute of single events stays within it. */
const MAX_LATENCIES = 4_000_000;
const HEAD_END = '\r\n\r\n';

async function run(load: Load): Promise<Sent> {
  const { hostname, port } = new URL(load.url);
  const requests = Array.from({ length: load.batches }, (_, number): ReadyRequest => {
    const batch = batchOf(load, number);
    const head = [
      `POST ${load.path} HTTP/1.1`,
      `Host: ${hostname}`,
      `X-Sentinel-Key: ${load.key}`,
      `Content-Length: ${batch.body.length}`,
      ...HEADERS[load.format ?? 'json'],
    ];
    return { head: Buffer.from(head.join('\r\n') + HEAD_END), batch };
  });
  const latencies = new Float64Array(MAX_LATENCIES);
  let done = 0;
  let events = 0;
  let failures = 0;
  let next = 0;
  const start = performance.now();
  const deadline = start + load.seconds * 1000;

  const pauseMs = load.requestsPerSecond === undefined ? 0 : (1000 * load.connections) / load.requestsPerSecond;
  const connection = async (_: unknown, number: number): Promise<void> => {
    const socket = net.connect(Number(port), hostname);
    socket.setNoDelay(true);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const answers = new AnswerReader(socket);
    let dueAt = start + (pauseMs * number) / load.connections;
    while (performance.now() < deadline) {
      if (pauseMs > 0) {
        const earlyMs = dueAt - performance.now();
        if (earlyMs > 0) await sleep(earlyMs);
        if (dueAt >= deadline) break;
      } else dueAt = performance.now();
      const { head, batch } = requests[next++ % requests.length];
      setTime(batch, Date.now());
      socket.cork();
      socket.write(head);
      // The batch is sent again, with other times, before this answer is certain: so the socket gets its own bytes.
      socket.write(Buffer.from(batch.body));
      socket.uncork();
      const status = await answers.next();
      if (done < MAX_LATENCIES) latencies[done] = performance.now() - dueAt;
      dueAt += pauseMs;
      done++;
      if (status === 202 || status === 200) events += batch.events;
      else failures++;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: load.connections }, connection));
  const sorted = latencies.subarray(0, Math.min(done, MAX_LATENCIES)).toSorted();
  const quantile = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  const seconds = (performance.now() - start) / 1000;
  return { requests: done, events, failures, seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Status after status of one connection. Answers have a Content-Length; a broken connection is status 0. */
class AnswerReader {
  #text = '';
  #isOver = false;
  #waiting: ((status: number) => void) | undefined;

  constructor(socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.#text += chunk.toString('latin1');
      this.#deliver();
    });
    const over = (): void => {
      this.#isOver = true;
      this.#deliver();
    };
    socket.on('error', over);
    socket.on('close', over);
  }

  next(): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#deliver();
    });
  }

  #deliver(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const status = this.#isOver ? 0 : this.#takeAnswer();
    if (status === undefined) return;
    this.#waiting = undefined;
    waiting(status);
  }

  #takeAnswer(): number | undefined {
    const headEnd = this.#text.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (this.#text.length < end) return undefined;
    const status = Number(this.#text.slice(9, 12));
    this.#text = this.#text.slice(end);
    return status;
  }
}

const load: Load = workerData;
parentPort?.postMessage(await run(load), []);
