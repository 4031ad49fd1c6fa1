import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { PROBLEMS, type ProblemCode } from '@sentinellog/shared';
import { contentTypeOf } from './content-type.ts';
import { type IngestDeps, type IngestDialect, IngestRequest, unusableDetail } from './ingest-request.ts';
import type { Scanned } from './intake.ts';
import { partialSuccessMessage, statusMessage } from './otlp-answer.ts';
import { problemOf } from './problem-of.ts';
import type { HttpReceiver } from './receiver.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

/** google.rpc.Code by HTTP status. */
const RPC_CODES: Readonly<Record<number, number>> = { 401: 16, 403: 7, 404: 5, 413: 8, 429: 8, 503: 14 };
const INVALID_ARGUMENT = 3;

/**
 * `POST /v1/logs`: OTLP/HTTP 1.x, in protobuf or JSON; every answer is in the type of its request. A mistake of ours is
 * a 503 and never a 500, on which OpenTelemetry senders drop the batch (design: reliability §3).
 */
export function createOtlpHttp<Batch extends Scanned>(deps: IngestDeps<Batch>): HttpReceiver {
  const dialect: IngestDialect = {
    protocol: 'otlp-http',
    emptyBodyDetail: null,
    contentOf: (request) => {
      switch (contentTypeOf(request)) {
        case PROTOBUF:
          return { type: 'content', format: 'otlp-protobuf' };
        case JSON_TYPE:
          return { type: 'content', format: 'otlp-json' };
        default:
          return { type: 'refused', code: 'unsupported_media_type', detail: `send ${PROTOBUF} or ${JSON_TYPE}` };
      }
    },
    stored: ({ request, response }, { rejected, errors }) => {
      const [first] = errors;
      const message = first === undefined ? '' : `record ${first.line}: ${first.detail}`;
      if (contentTypeOf(request) === PROTOBUF) {
        send(response, 200, PROTOBUF, rejected === 0 ? Buffer.alloc(0) : partialSuccessMessage(rejected, message));
      } else {
        const partial = { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: message } };
        send(response, 200, JSON_TYPE, Buffer.from(JSON.stringify(rejected === 0 ? {} : partial)));
      }
    },
    unusable: ({ request, response }, rejected, errors) => {
      respondStatus(request, response, problemOf(errors[0]?.code), unusableDetail(rejected, errors), {});
    },
    refused: ({ request, response }, code, detail, headers) => respondStatus(request, response, code, detail, headers),
  };
  return {
    protocol: dialect.protocol,
    paths: ['/v1/logs'],
    handle: (request, response) => new IngestRequest(deps, dialect, { request, response }).run(),
  };
}

function respondStatus(
  request: IncomingMessage,
  response: ServerResponse,
  code: ProblemCode,
  detail: string,
  headers: OutgoingHttpHeaders,
): void {
  const { status: declared } = PROBLEMS[code];
  const status = declared === 500 ? 503 : declared;
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
  if (status === 429 || status === 503) response.setHeader('retry-after', '1');
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="sentinellog"');
  const rpcCode = RPC_CODES[status] ?? INVALID_ARGUMENT;
  switch (contentTypeOf(request)) {
    case PROTOBUF:
      return send(response, status, PROTOBUF, statusMessage(rpcCode, detail));
    case JSON_TYPE:
      return send(response, status, JSON_TYPE, Buffer.from(JSON.stringify({ code: rpcCode, message: detail })));
    default:
      return send(response, status, 'text/plain; charset=utf-8', Buffer.from(`${detail}\n`));
  }
}

function send(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length });
  response.end(body);
}
