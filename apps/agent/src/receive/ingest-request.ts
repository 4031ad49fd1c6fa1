import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { EventError, ProblemCode, Rejection } from '@sentinellog/shared';
import type { RecordFormat } from '../pipeline/ingest-record.ts';
import type { Admission, Caller } from './admission.ts';
import type { StoredBatch } from './batch-memory.ts';
import type { BodyPool } from './body-pool.ts';
import { ReceivedBody } from './body-sink.ts';
import { ACCEPTED_ENCODINGS, contentDecoding } from './content-encoding.ts';
import { discardBody } from './discard-body.ts';
import type { Intake, IntakeOutcome, Scanned } from './intake.ts';
import type { MemoryGuard } from './memory-guard.ts';
import { type BodyLimits, readBody } from './read-body.ts';
import { snappyLength, unpackSnappy } from './snappy.ts';
import type { TextReadings } from './text-readings.ts';

export interface IngestDeps<Batch extends Scanned> {
  readonly admission: Admission;
  readonly intake: Intake<Batch>;
  readonly pool: BodyPool;
  readonly memory: MemoryGuard;
  readonly limits: BodyLimits;
  readonly now: () => number;
  readonly newId: () => string;
  /** True while the agent stops: what is under way is finished, nothing new is taken. */
  readonly isStopping: () => boolean;
  readonly onRejection: (rejection: Rejection) => void;
  readonly readings: TextReadings;
}

/** What a body is, by the request's headers and path. */
export type Content =
  | {
      readonly type: 'content';
      readonly format: RecordFormat;
      readonly defaultService?: string | undefined;
      /** The format itself is packed, whatever the Content-Encoding says. */
      readonly packing?: 'snappy';
      /** What is journalled before the body (text-reading.ts). */
      readonly head?: Buffer | undefined;
    }
  | { readonly type: 'refused'; readonly code: ProblemCode; readonly detail: string };

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Known once the key has been accepted. */
  readonly caller: Caller | undefined;
  /** The body, decoded; undefined where the request was refused before. Valid until the answer is written. */
  readonly body: Uint8Array | undefined;
}

/** All in which protocols over HTTP differ: what they take, and the words in which they answer. */
export interface IngestDialect {
  readonly protocol: string;
  /** What to send instead of nothing; null where an empty body is a good one. */
  readonly emptyBodyDetail: string | null;
  /** Its refusals name every event, so that even a sender over its limit is read to the end. */
  readonly refusesByEvent?: true;
  contentOf(request: IncomingMessage, caller: Caller): Content;
  stored(exchange: Exchange, batch: StoredBatch): void;
  unusable(exchange: Exchange, rejected: number, errors: readonly EventError[]): void;
  refused(exchange: Exchange, code: ProblemCode, detail: string, headers: OutgoingHttpHeaders): void;
}

/** Visible ASCII, so that an id can be a header, a log field and a key. */
const BATCH_ID = /^[\x21-\x7e]{1,128}$/;

const NO_HEAD = Buffer.alloc(0);

/** One request on its way to its answer, whatever protocol it speaks. */
export class IngestRequest<Batch extends Scanned> implements Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  caller: Caller | undefined;
  body: Uint8Array | undefined;
  readonly #deps: IngestDeps<Batch>;
  readonly #dialect: IngestDialect;

  constructor(
    deps: IngestDeps<Batch>,
    dialect: IngestDialect,
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
  ) {
    this.#deps = deps;
    this.#dialect = dialect;
    this.request = exchange.request;
    this.response = exchange.response;
  }

  run(): void {
    const { admission, intake, isStopping, limits, memory, pool } = this.#deps;
    const { request } = this;
    if (request.method !== 'POST') {
      this.#refuse('method_not_allowed', 'events are sent by POST', { allow: 'POST' });
      return;
    }
    if (isStopping()) {
      this.#refuse('shutting_down', 'the agent is stopping; send again in a second', { connection: 'close' });
      return;
    }
    const verdict = admission.judge(request);
    if (verdict.type === 'refused') {
      this.#refuse(verdict.code, verdict.detail);
      return;
    }
    const { caller } = verdict;
    this.caller = caller;

    const limit = this.#dialect.refusesByEvent ? undefined : intake.limitOf(caller);
    if (limit?.type === 'over') {
      this.#refuse('rate_limited', limit.detail, limit.headers);
      return;
    }
    if (!memory.admits(declaredBytes(request))) {
      this.#refuse('overloaded', 'the agent is short of memory; send again in a second');
      return;
    }
    const content = this.#dialect.contentOf(request, caller);
    if (content.type === 'refused') {
      this.#refuse(content.code, content.detail);
      return;
    }
    const encoding = request.headers['content-encoding'];
    const decoding = contentDecoding(encoding === content.packing ? undefined : encoding);
    if (decoding.type === 'unsupported') {
      const detail = `send the body plain or in one of: ${ACCEPTED_ENCODINGS}`;
      this.#refuse('unsupported_encoding', detail, { 'accept-encoding': ACCEPTED_ENCODINGS });
      return;
    }
    const batchId = request.headers['x-sentinel-batch-id'] ?? null;
    if (batchId !== null && (typeof batchId !== 'string' || !BATCH_ID.test(batchId))) {
      this.#refuse('invalid_request', 'X-Sentinel-Batch-Id is 1 to 128 visible ASCII characters');
      return;
    }
    const head = content.head ?? NO_HEAD;
    readBody(request, decoding, limits, pool, head, (outcome) => {
      switch (outcome.type) {
        case 'gone':
          return;
        case 'refused':
          this.#refuse(outcome.code, outcome.detail);
          return;
        case 'body': {
          const { emptyBodyDetail } = this.#dialect;
          if (outcome.body.bytes.length === head.length && emptyBodyDetail !== null) {
            this.#refuse('invalid_request', emptyBodyDetail);
            return;
          }
          const body = content.packing === undefined ? outcome.body : this.#unpack(outcome.body);
          if (body === undefined) return;
          // Kept until the answer is written: some protocols name every event in it.
          this.body = body.bytes;
          const { format, defaultService } = content;
          intake.accept({ caller, batchId, format, defaultService, body: new ReceivedBody(body.bytes) }, (done) => {
            this.#answer(done);
            this.body = undefined;
            body.release();
          });
        }
      }
    });
  }

  /** Undefined when it could not be unpacked, which has then been answered. */
  #unpack(packed: ReceivedBody): ReceivedBody | undefined {
    const { pool, limits } = this.#deps;
    const length = snappyLength(packed.bytes);
    const target = length >= 0 && length <= limits.decodedBytes ? pool.take(Math.max(1, length)) : undefined;
    const isUnpacked = target !== undefined && unpackSnappy(packed.bytes, target);
    packed.release();
    if (isUnpacked) return new ReceivedBody(target.subarray(0, length), () => pool.give(target));
    if (target !== undefined) pool.give(target);
    if (length > limits.decodedBytes) {
      const detail = `the limit is ${limits.decodedBytes} bytes after decompression; send smaller batches`;
      this.#refuse('decompressed_too_large', detail);
    } else if (length >= 0 && target === undefined) {
      this.#refuse('overloaded', 'too many bytes of request bodies are in flight; send again in a second');
    } else this.#refuse('invalid_request', 'the body is not snappy in its block format');
    return undefined;
  }

  #answer(outcome: IntakeOutcome): void {
    switch (outcome.type) {
      case 'stored': {
        const { accepted, rejected, errors } = outcome.batch;
        this.#dialect.stored(this, outcome.batch);
        if (rejected > 0 && !outcome.isRepeat) {
          const detail = `${rejected} of ${accepted + rejected} events`;
          this.#report(errors[0]?.code ?? 'invalid_json', detail, rejected, errors);
        }
        return;
      }
      case 'unusable': {
        const { rejected, errors } = outcome;
        this.#dialect.unusable(this, rejected, errors);
        this.#report(errors[0]?.code ?? 'invalid_request', unusableDetail(rejected, errors), rejected, errors);
        return;
      }
      case 'refused':
        this.#refuse(outcome.code, outcome.detail, outcome.headers);
    }
  }

  #refuse(code: ProblemCode, detail: string, headers: OutgoingHttpHeaders = {}): void {
    discardBody(this.request, this.#deps.limits.rawBytes);
    this.#dialect.refused(this, code, detail, headers);
    this.#report(code, detail, 0, []);
  }

  #report(code: string, detail: string, events: number, errors: readonly EventError[]): void {
    this.#deps.onRejection({
      at_ms: this.#deps.now(),
      protocol: this.#dialect.protocol,
      remote: this.request.socket.remoteAddress ?? '',
      key_id: this.caller?.keyId ?? null,
      code,
      detail,
      events,
      errors: [...errors],
    });
  }
}

function declaredBytes({ headers }: IncomingMessage): number | undefined {
  const declared = headers['content-length'];
  // What is packed says nothing of what it is unpacked.
  return declared === undefined || headers['content-encoding'] !== undefined ? undefined : Number(declared);
}

export function unusableDetail(rejected: number, errors: readonly EventError[]): string {
  const [first] = errors;
  return first === undefined
    ? `none of the ${rejected} events could be used`
    : `none of the ${rejected} events could be used; line ${first.line}: ${first.detail}`;
}
