import { readFileSync } from 'node:fs';
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzip } from 'node:zlib';
import { type EventError, PROBLEMS, type ProblemCode } from '@sentinellog/shared';
import type { ReceiveSettings } from '../config/receive-settings.ts';
import type { Caller } from './admission.ts';
import { BodySink, ReceivedBody } from './body-sink.ts';
import { type IngestDeps, unusableDetail } from './ingest-request.ts';
import type { IntakeOutcome, Scanned } from './intake.ts';
import type { OpenLane } from './lane.ts';
import { partialSuccessMessage, retryStatusMessage } from './otlp-answer.ts';
import { problemOf } from './problem-of.ts';

const PROTOCOL = 'otlp-grpc';
const EXPORT_PATH = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
/** One byte that says whether it is compressed, four of length (gRPC over HTTP/2). */
const PREFIX_BYTES = 5;
/** Of one connection, at a time: an SDK has one export under way, a collector ten. */
const MAX_STREAMS = 128;
/** A call that has not ended its request by then has lost its sender. */
const CALL_MS = 30_000;
const RETRY_SECONDS = 1;
const DRAIN_MS = 5000;
const MAX_CONNECTIONS = 1000;

/** gRPC's status codes. */
const STATUS = {
  ok: 0,
  invalid: 3,
  forbidden: 7,
  exhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  401: STATUS.unauthenticated,
  403: STATUS.forbidden,
  413: STATUS.exhausted,
};

type GrpcSettings = ReceiveSettings['grpc'] & { readonly listen: NonNullable<ReceiveSettings['grpc']['listen']> };

/** OTLP over gRPC: the unary call `LogsService/Export`, over plain HTTP/2 or TLS. */
export async function openOtlpGrpc<Batch extends Scanned>(
  { listen, certFile, keyFile }: GrpcSettings,
  deps: IngestDeps<Batch>,
): Promise<OpenLane> {
  const settings = { maxConcurrentStreams: MAX_STREAMS, initialWindowSize: 1024 * 1024 };
  const isTls = certFile !== undefined && keyFile !== undefined;
  const server = isTls
    ? createSecureServer({ cert: readFileSync(certFile), key: readFileSync(keyFile), settings })
    : createServer({ settings });
  server.maxConnections = MAX_CONNECTIONS;
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    // A sender that breaks HTTP/2 loses its connection; that is all there is to do.
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => new ExportCall(stream, headers, deps).run());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen.port, listen.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, family, port } = server.address() as AddressInfo;
  return {
    address: `${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        const patience = setTimeout(() => {
          for (const session of sessions) session.destroy();
        }, DRAIN_MS);
        server.close(() => {
          clearTimeout(patience);
          resolve();
        });
        // Calls under way are answered; then the connection ends.
        for (const session of sessions) session.close();
      }),
  };
}

class ExportCall<Batch extends Scanned> {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #deps: IngestDeps<Batch>;
  #caller: Caller | undefined;
  #isDone = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, deps: IngestDeps<Batch>) {
    this.#stream = stream;
    this.#headers = headers;
    this.#deps = deps;
  }

  run(): void {
    const { admission, isStopping, limits, memory, pool } = this.#deps;
    const headers = this.#headers;
    const stream = this.#stream;
    stream.on('error', () => {
      this.#isDone = true;
    });
    stream.setTimeout(CALL_MS, () => stream.destroy());
    if (!(headers['content-type'] ?? '').startsWith('application/grpc')) {
      this.#isDone = true;
      stream.respond({ ':status': 415 }, { endStream: true });
      return;
    }
    if (headers[':path'] !== EXPORT_PATH || headers[':method'] !== 'POST') {
      this.#end(STATUS.unimplemented, 'this agent takes logs only: LogsService/Export');
      return;
    }
    if (isStopping()) {
      this.#refuse('shutting_down', 'the agent is stopping; send again in a second');
      return;
    }
    const verdict = admission.judge({ headers, socket: { remoteAddress: this.#remote } });
    if (verdict.type === 'refused') {
      this.#refuse(verdict.code, verdict.detail);
      return;
    }
    this.#caller = verdict.caller;
    if (!memory.admits(undefined)) {
      this.#refuse('overloaded', 'the agent is short of memory; send again in a second');
      return;
    }
    const sink = new BodySink(pool, limits.rawBytes + PREFIX_BYTES, 0, false);
    stream.on('data', (chunk: Buffer) => {
      if (this.#isDone) return;
      const step = sink.add(chunk);
      if (step === 'taken') return;
      sink.abandon();
      if (step === 'too_large') this.#refuse('body_too_large', `the limit is ${limits.rawBytes} bytes`);
      else this.#refuse('overloaded', 'too many bytes are in flight; send again in a second');
    });
    stream.on('close', () => {
      if (!this.#isDone) sink.abandon();
      this.#isDone = true;
    });
    stream.on('end', () => {
      if (!this.#isDone) this.#message(sink.finish(), verdict.caller);
    });
  }

  get #remote(): string {
    return this.#stream.session?.socket.remoteAddress ?? '';
  }

  #message(body: ReceivedBody, caller: Caller): void {
    const bytes = Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.length);
    const isWhole = bytes.length >= PREFIX_BYTES && bytes.readUInt32BE(1) === bytes.length - PREFIX_BYTES;
    if (!isWhole) {
      body.release();
      this.#refuse('invalid_request', 'the call does not hold one whole message');
      return;
    }
    const message = bytes.subarray(PREFIX_BYTES);
    if (bytes[0] === 0) {
      this.#accept(caller, new ReceivedBody(message, () => body.release()));
      return;
    }
    if (this.#headers['grpc-encoding'] !== 'gzip') {
      body.release();
      this.#end(STATUS.unimplemented, 'send messages plain or in gzip', { 'grpc-accept-encoding': 'identity,gzip' });
      return;
    }
    const { decodedBytes } = this.#deps.limits;
    gunzip(message, { maxOutputLength: decodedBytes }, (error, decoded) => {
      body.release();
      if (this.#isDone) return;
      if (error === null) this.#accept(caller, new ReceivedBody(decoded));
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        this.#refuse('decompressed_too_large', `the limit is ${decodedBytes} bytes after decompression`);
      } else this.#refuse('invalid_request', 'the message is not gzip');
    });
  }

  #accept(caller: Caller, body: ReceivedBody): void {
    this.#deps.intake.accept({ caller, batchId: null, format: 'otlp-protobuf', body }, (outcome) =>
      this.#answer(outcome),
    );
  }

  #answer(outcome: IntakeOutcome): void {
    switch (outcome.type) {
      case 'stored': {
        const { rejected, errors } = outcome.batch;
        const [first] = errors;
        const detail = first === undefined ? '' : `record ${first.line}: ${first.detail}`;
        this.#respond(rejected === 0 ? Buffer.alloc(0) : partialSuccessMessage(rejected, detail));
        if (rejected > 0) this.#report(first?.code ?? 'invalid_protobuf', detail, rejected, errors);
        return;
      }
      case 'unusable': {
        const { rejected, errors } = outcome;
        this.#end(STATUS.invalid, unusableDetail(rejected, errors));
        this.#report(problemOf(errors[0]?.code), unusableDetail(rejected, errors), rejected, errors);
        return;
      }
      case 'refused':
        this.#refuse(outcome.code, outcome.detail);
    }
  }

  #refuse(code: ProblemCode, detail: string): void {
    // A mistake of ours is one that may be over when it is sent again.
    const isRetryable = PROBLEMS[code].retryable || code === 'internal';
    const status = isRetryable ? STATUS.unavailable : statusOf(code);
    const info = { 'grpc-status-details-bin': retryStatusMessage(status, detail, RETRY_SECONDS).toString('base64') };
    this.#end(status, detail, isRetryable ? info : {});
    this.#report(code, detail, 0, []);
  }

  #respond(message: Buffer): void {
    const stream = this.#stream;
    this.#isDone = true;
    if (stream.destroyed || stream.closed) return;
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(message.length, 1);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(STATUS.ok) }));
    stream.end(Buffer.concat([prefix, message]));
  }

  /** An answer without a message: its status comes with the headers. */
  #end(status: number, detail: string, more: Readonly<Record<string, string>> = {}): void {
    const stream = this.#stream;
    this.#isDone = true;
    if (stream.destroyed || stream.closed) return;
    // What still comes is read and thrown away, so that the answer reaches a sender that is still writing.
    stream.resume();
    const trailers = { 'grpc-status': String(status), 'grpc-message': percentEncoded(detail), ...more };
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto', ...trailers }, { endStream: true });
  }

  #report(code: string, detail: string, events: number, errors: readonly EventError[]): void {
    this.#deps.onRejection({
      at_ms: this.#deps.now(),
      protocol: PROTOCOL,
      remote: this.#remote,
      key_id: this.#caller?.keyId ?? null,
      code,
      detail,
      events,
      errors: [...errors],
    });
  }
}

function statusOf(code: ProblemCode): number {
  return STATUS_OF_HTTP[PROBLEMS[code].status] ?? STATUS.invalid;
}

/** `grpc-message` is percent-encoded text. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', ' ');
}
