import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type EventError, type IngestAnswer, type ProblemCode, PROBLEMS, type Rejection } from '@sentinellog/shared';
import type { Admission, Caller } from './admission.ts';
import type { BodyPool } from './body-pool.ts';
import { ACCEPTED_ENCODINGS, contentDecoding } from './content-encoding.ts';
import { discardBody } from './discard-body.ts';
import type { Intake, IntakeOutcome, Scanned } from './intake.ts';
import { type BodyLimits, readBody } from './read-body.ts';
import type { HttpReceiver } from './receiver.ts';
import { respondJson, respondProblem } from './respond.ts';

export interface IngestHttpDeps<Batch extends Scanned> {
  readonly admission: Admission;
  readonly intake: Intake<Batch>;
  readonly pool: BodyPool;
  readonly limits: BodyLimits;
  readonly now: () => number;
  readonly newId: () => string;
  /** True while the agent stops: what is under way is finished, nothing new is taken. */
  readonly isStopping: () => boolean;
  readonly onRejection: (rejection: Rejection) => void;
}

const PROTOCOL = 'http';
/** Visible ASCII, so that an id can be a header, a log field and a key. */
const BATCH_ID = /^[\x21-\x7e]{1,128}$/;

/** `POST /v1/ingest`: a JSON object, a JSON array or NDJSON, told apart by its bytes. */
export function createIngestHttp<Batch extends Scanned>(deps: IngestHttpDeps<Batch>): HttpReceiver {
  return {
    protocol: PROTOCOL,
    paths: ['/v1/ingest', '/ingest', '/v1/events'],
    handle: (request, response) => new IngestRequest(deps, request, response).run(),
  };
}

/** One request on its way to its answer. */
class IngestRequest<Batch extends Scanned> {
  readonly #deps: IngestHttpDeps<Batch>;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #caller: Caller | undefined;

  constructor(deps: IngestHttpDeps<Batch>, request: IncomingMessage, response: ServerResponse) {
    this.#deps = deps;
    this.#request = request;
    this.#response = response;
  }

  run(): void {
    const { admission, intake, isStopping, limits, pool } = this.#deps;
    const request = this.#request;
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
    this.#caller = caller;

    const decoding = contentDecoding(request.headers['content-encoding']);
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
    readBody(request, decoding, limits, pool, (outcome) => {
      switch (outcome.type) {
        case 'gone':
          return;
        case 'refused':
          this.#refuse(outcome.code, outcome.detail);
          return;
        case 'body':
          if (outcome.body.bytes.length === 0) {
            this.#refuse('invalid_request', 'the body is empty: send a JSON object, a JSON array or NDJSON');
            return;
          }
          intake.accept({ caller, batchId, format: 'json', body: outcome.body }, (done) => this.#answer(done));
      }
    });
  }

  #answer(outcome: IntakeOutcome): void {
    switch (outcome.type) {
      case 'stored': {
        const { accepted, rejected, batchId, errors } = outcome.batch;
        const answer: IngestAnswer = { accepted, rejected, batch_id: batchId };
        if (errors.length > 0) answer.errors = [...errors];
        respondJson(this.#response, 202, JSON.stringify(answer));
        if (rejected > 0 && !outcome.isRepeat) {
          this.#report(
            errors[0]?.code ?? 'invalid_json',
            `${rejected} of ${accepted + rejected} events`,
            rejected,
            errors,
          );
        }
        return;
      }
      case 'unusable': {
        const { rejected, errors } = outcome;
        const code = problemOf(errors[0]?.code);
        const detail = `none of the ${rejected} events could be used; line ${errors[0]?.line}: ${errors[0]?.detail}`;
        const more = { accepted: 0, rejected, errors: [...errors] };
        respondProblem(this.#response, code, detail, this.#deps.newId(), more);
        this.#report(errors[0]?.code ?? code, detail, rejected, errors);
        return;
      }
      case 'refused':
        this.#refuse(outcome.code, outcome.detail);
    }
  }

  #refuse(code: ProblemCode, detail: string, headers: OutgoingHttpHeaders = {}): void {
    discardBody(this.#request, this.#deps.limits.rawBytes);
    respondProblem(this.#response, code, detail, this.#deps.newId(), {}, headers);
    this.#report(code, detail, 0, []);
  }

  #report(code: string, detail: string, events: number, errors: readonly EventError[]): void {
    this.#deps.onRejection({
      at_ms: this.#deps.now(),
      protocol: PROTOCOL,
      remote: this.#request.socket.remoteAddress ?? '',
      key_id: this.#caller?.keyId ?? null,
      code,
      detail,
      events,
      errors: [...errors],
    });
  }
}

/** An event's code where the API knows it too; the whole body then has that problem. */
function problemOf(code: string | undefined): ProblemCode {
  const known = (Object.keys(PROBLEMS) as ProblemCode[]).find((name) => name === code);
  return known ?? 'invalid_request';
}
