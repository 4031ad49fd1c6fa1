import type { ServerResponse } from 'node:http';
import { PROBLEMS } from '@sentinellog/shared';
import { contentTypeOf } from './content-type.ts';
import { type IngestDeps, type IngestDialect, IngestRequest, unusableDetail } from './ingest-request.ts';
import type { Scanned } from './intake.ts';
import { problemOf } from './problem-of.ts';
import type { HttpReceiver } from './receiver.ts';

/**
 * `POST /loki/api/v1/push` as Loki answers it: 204, or 400 in plain words naming the first bad entry; the good ones are
 * stored all the same, and its clients do not send again after a 400.
 */
export function createLokiPush<Batch extends Scanned>(deps: IngestDeps<Batch>): HttpReceiver {
  const dialect: IngestDialect = {
    protocol: 'loki',
    emptyBodyDetail: 'the body is empty: send streams of entries',
    contentOf: (request) => {
      switch (contentTypeOf(request)) {
        case 'application/json':
          return { type: 'content', format: 'loki-json' };
        case 'application/x-protobuf':
          return { type: 'content', format: 'loki-protobuf', packing: 'snappy' };
        default: {
          const detail = 'send application/json, or application/x-protobuf packed with snappy';
          return { type: 'refused', code: 'unsupported_media_type', detail };
        }
      }
    },
    stored: ({ response }, { accepted, rejected, errors }) => {
      if (rejected === 0) {
        response.writeHead(204).end();
        return;
      }
      const [first] = errors;
      const what = first === undefined ? '' : `; the first is entry ${first.line}: ${first.detail}`;
      respondText(response, 400, `${rejected} of ${accepted + rejected} entries were not stored${what}`);
    },
    unusable: ({ response }, rejected, errors) =>
      respondText(response, PROBLEMS[problemOf(errors[0]?.code)].status, unusableDetail(rejected, errors)),
    refused: ({ response }, code, detail, headers) => {
      for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
      respondText(response, PROBLEMS[code].status, detail);
    },
  };
  return {
    protocol: dialect.protocol,
    paths: ['/loki/api/v1/push'],
    handle: (request, response) => new IngestRequest(deps, dialect, { request, response }).run(),
  };
}

function respondText(response: ServerResponse, status: number, text: string): void {
  if (status === 429 || status === 503) response.setHeader('retry-after', '1');
  if (status === 401) response.setHeader('www-authenticate', 'Bearer realm="sentinellog"');
  const line = `${text}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(line),
  });
  response.end(line);
}
