import type { IncomingMessage, ServerResponse } from 'node:http';
import { type EventError, PROBLEMS, type ProblemCode } from '@sentinellog/shared';
import { BULK_ACTIONS, BULK_STEP, BulkItems } from '../pipeline/bulk-items.ts';
import { undatedEnd } from '../pipeline/undated-index.ts';
import { type Content, type Exchange, type IngestDeps, type IngestDialect, IngestRequest } from './ingest-request.ts';
import type { BatchScanner, Scanned } from './intake.ts';
import { problemOf } from './problem-of.ts';
import { type HttpReceiver, pathOf } from './receiver.ts';

/** Official clients talk to nothing that does not say this. */
const PRODUCT = { 'x-elastic-product': 'Elasticsearch' } as const;
/** The version whose bulk API this is. Clients compare their own major version with it. */
const SPOKEN_VERSION = '9.5.0';
const INDEX_PATH = /^\/([^/_][^/]*)\/_bulk$/;

const BAD_DOCUMENT = { status: 400, type: 'document_parsing_exception' } as const;
const TOO_MANY = { status: 429, type: 'es_rejected_execution_exception' } as const;
type ItemProblem = typeof BAD_DOCUMENT | typeof TOO_MANY;

/**
 * `POST /_bulk` and `/{index}/_bulk` as Elasticsearch answers them, item by item, and `GET /`, by which clients find
 * out whom they talk to. Overload is a 429 for every item: clients send those again, while a 429 for the whole request
 * makes the official one throw (design: reliability §3).
 */
export function createElasticBulk<Batch extends Scanned>(
  deps: IngestDeps<Batch>,
  scanner: BatchScanner<Batch>,
): HttpReceiver {
  const dialect: IngestDialect = {
    protocol: 'elastic-bulk',
    emptyBodyDetail: 'the body is empty: send an action line and a document line for each event',
    refusesByEvent: true,
    contentOf,
    stored: (exchange, { rejected }) => {
      const { response, body = new Uint8Array(0) } = exchange;
      const { bad, errors } = rejected === 0 ? ALL_GOOD : rejectedItems(exchange, scanner, deps.now());
      respondItems(response, body, bad, BAD_DOCUMENT, reasonsOf(errors));
    },
    unusable: ({ response, body = new Uint8Array(0) }, _rejected, errors) => {
      const frame = brokenFrame(body);
      if (frame === null) respondItems(response, body, 'all', BAD_DOCUMENT, reasonsOf(errors));
      else respondError(response, PROBLEMS[problemOf(frame.code)].status, 'illegal_argument_exception', frame.detail);
    },
    refused: ({ response, body }, code, detail, headers) => {
      if ((code === 'overloaded' || code === 'rate_limited') && body !== undefined && brokenFrame(body) === null) {
        respondItems(response, body, 'all', TOO_MANY, () => detail);
      } else {
        for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
        respondError(response, PROBLEMS[code].status, errorType(code), detail);
      }
    },
  };
  return {
    protocol: dialect.protocol,
    paths: ['/_bulk'],
    owns: (request, path) => INDEX_PATH.test(path) || (path === '/' && isElasticClient(request)),
    handle: (request, response) => {
      if (pathOf(request) === '/') answerProduct(deps, request, response);
      else new IngestRequest(deps, dialect, { request, response }).run();
    },
  };
}

/** `/` belongs to the console; browsers ask for HTML there, Elasticsearch clients for JSON. */
function isElasticClient(request: IncomingMessage): boolean {
  const { accept = '' } = request.headers;
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (accept.includes('text/html')) return false;
  return 'x-elastic-client-meta' in request.headers || accept.includes('json');
}

function answerProduct<Batch extends Scanned>(
  { admission }: IngestDeps<Batch>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const verdict = admission.judge(request);
  if (verdict.type === 'refused') {
    respondError(response, PROBLEMS[verdict.code].status, errorType(verdict.code), verdict.detail);
    return;
  }
  respond(response, 200, {
    name: 'sentinellog',
    cluster_name: 'sentinellog',
    cluster_uuid: 'sentinellog',
    version: {
      number: SPOKEN_VERSION,
      build_flavor: 'default',
      build_type: 'docker',
      minimum_wire_compatibility_version: '8.19.0',
      minimum_index_compatibility_version: '8.0.0',
    },
    tagline: 'You Know, for Search',
  });
}

/** The index in the path is the service of documents that name none and whose action names no index. */
function contentOf(request: IncomingMessage): Content {
  const encoded = INDEX_PATH.exec(pathOf(request))?.[1];
  if (encoded === undefined) return { type: 'content', format: 'elastic-bulk' };
  const index = decoded(encoded);
  if (index === undefined) {
    return { type: 'refused', code: 'invalid_request', detail: 'the index in the path is not valid percent-encoding' };
  }
  const bytes = Buffer.from(index);
  const defaultService = bytes.toString('utf8', 0, undatedEnd(bytes, 0, bytes.length));
  return { type: 'content', format: 'elastic-bulk', defaultService };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function brokenFrame(body: Uint8Array): Pick<BulkItems, 'code' | 'detail'> | null {
  const items = new BulkItems();
  items.begin(body);
  for (let step = items.next(); step !== BULK_STEP.end; step = items.next()) {
    if (step === BULK_STEP.broken) return items;
  }
  return null;
}

interface Judgement {
  /** Numbers of the items that were not taken, in order. */
  readonly bad: readonly number[];
  /** Why, of the first of them. */
  readonly errors: readonly EventError[];
}
const ALL_GOOD: Judgement = { bad: [], errors: [] };

/** Read again rather than remembered: rejected items are rare, and of a repeated batch only the number is known. */
function rejectedItems<Batch extends Scanned>(
  { caller, body = new Uint8Array(0) }: Exchange,
  scanner: BatchScanner<Batch>,
  nowMs: number,
): Judgement {
  const { tenant = '', pinnedService = null } = caller ?? {};
  const scanned = scanner.scan({ receivedAtMs: nowMs, tenant, pinnedService, format: 'elastic-bulk' }, body);
  const judgement = { bad: [...scanned.rejectedLines], errors: [...scanned.errors] };
  scanned.release();
  return judgement;
}

/** Why an item was not taken; the answer to a batch knows it of the first twenty. */
function reasonsOf(errors: readonly EventError[]): (item: number) => string {
  const details = new Map(errors.map(({ line, detail }) => [line, detail]));
  return (item) => details.get(item) ?? 'the item could not be taken, as those before it';
}

/** @param bad numbers of the items that have the problem, in order */
function respondItems(
  response: ServerResponse,
  body: Uint8Array,
  bad: readonly number[] | 'all',
  { status, type }: ItemProblem,
  reasonOf: (item: number) => string,
): void {
  const items = new BulkItems();
  items.begin(body);
  const parts: string[] = [];
  let nextBad = 0;
  const failureOf = (item: number): string =>
    `"status":${status},"error":${JSON.stringify({ type, reason: reasonOf(item) })}}}`;
  for (let step = items.next(); step === BULK_STEP.item; step = items.next()) {
    const isBad = bad === 'all' || bad[nextBad] === items.item;
    if (isBad) nextBad++;
    const index = items.indexStart < 0 ? '' : textOf(body, items.indexStart, items.indexEnd);
    const head = `{"${BULK_ACTIONS[items.action]}":{"_index":"${index}",`;
    parts.push(head + (isBad ? failureOf(items.item) : '"result":"created","status":201}}'));
  }
  const text = `{"took":0,"errors":${nextBad > 0},"items":[${parts.join(',')}]}`;
  send(response, 200, text);
}

/** JSON text goes out as it came in, escapes and all; invalid UTF-8 becomes U+FFFD. */
function textOf(body: Uint8Array, start: number, end: number): string {
  return Buffer.from(body.buffer, body.byteOffset + start, end - start).toString('utf8');
}

function errorType(code: ProblemCode): string {
  const { status } = PROBLEMS[code];
  if (status === 401 || status === 403) return 'security_exception';
  if (status === 429) return 'es_rejected_execution_exception';
  return status === 503 ? 'cluster_block_exception' : 'illegal_argument_exception';
}

function respondError(response: ServerResponse, status: number, type: string, reason: string): void {
  if (status === 429 || status === 503) response.setHeader('retry-after', '1');
  if (status === 401) response.setHeader('www-authenticate', 'ApiKey, Bearer realm="sentinellog"');
  respond(response, status, { error: { root_cause: [{ type, reason }], type, reason }, status });
}

function respond(response: ServerResponse, status: number, answer: object): void {
  send(response, status, JSON.stringify(answer));
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...PRODUCT,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
