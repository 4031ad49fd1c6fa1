import type { IncomingMessage } from 'node:http';
import type { IngestAnswer } from '@sentinellog/shared';
import { contentTypeOf } from './content-type.ts';
import { type IngestDeps, type IngestDialect, IngestRequest, unusableDetail } from './ingest-request.ts';
import type { Scanned } from './intake.ts';
import { problemOf } from './problem-of.ts';
import type { HttpReceiver } from './receiver.ts';
import { respondJson, respondProblem } from './respond.ts';

/** Also what fetch() and sendBeacon() call every string; JSON in it is found by the scan of text (scan-text.ts). */
const TEXT_TYPE = 'text/plain';
/** Visible characters, and short enough for a name. */
const SERVICE = /^[\x21-\x7e]{1,200}$/;

/**
 * `POST /v1/ingest`: a JSON object, a JSON array or NDJSON, told apart by its bytes. Sent as text/plain, in whatever
 * charset it says, the body is lines of text, of the service that `X-Sentinel-Service` or `?service=` names.
 */
export function createIngestHttp<Batch extends Scanned>(deps: IngestDeps<Batch>): HttpReceiver {
  const dialect: IngestDialect = {
    protocol: 'http',
    emptyBodyDetail: 'the body is empty: send a JSON object, a JSON array or NDJSON',
    contentOf: (request, { pinnedService }) => {
      const defaultService = serviceOf(request);
      const source = pinnedService ?? defaultService ?? null;
      if (contentTypeOf(request) === TEXT_TYPE) {
        return { type: 'content', format: 'text', head: deps.readings.lines(source, deps.now()), defaultService };
      }
      const head = deps.readings.json(source, deps.now());
      return { type: 'content', format: head === undefined ? 'json' : 'mapped-json', head, defaultService };
    },
    stored: ({ response }, { accepted, rejected, batchId, errors }) => {
      const answer: IngestAnswer = { accepted, rejected, batch_id: batchId };
      if (errors.length > 0) answer.errors = [...errors];
      respondJson(response, 202, JSON.stringify(answer));
    },
    unusable: ({ response }, rejected, errors) => {
      const more = { accepted: 0, rejected, errors: [...errors] };
      respondProblem(response, problemOf(errors[0]?.code), unusableDetail(rejected, errors), deps.newId(), more);
    },
    refused: ({ response }, code, detail, headers) => respondProblem(response, code, detail, deps.newId(), {}, headers),
  };
  return {
    protocol: dialect.protocol,
    paths: ['/v1/ingest', '/ingest', '/v1/events'],
    handle: (request, response) => new IngestRequest(deps, dialect, { request, response }).run(),
  };
}

/** The service of events that name none. */
function serviceOf({ headers, url = '' }: IncomingMessage): string | undefined {
  const header = headers['x-sentinel-service'];
  const query = url.indexOf('?');
  const name =
    typeof header === 'string' ? header : query < 0 ? undefined : new URLSearchParams(url.slice(query)).get('service');
  return typeof name === 'string' && SERVICE.test(name) ? name : undefined;
}
