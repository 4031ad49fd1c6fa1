import type { IngestAnswer } from '@sentinellog/shared';
import { type IngestDeps, type IngestDialect, IngestRequest, unusableDetail } from './ingest-request.ts';
import type { Scanned } from './intake.ts';
import { problemOf } from './problem-of.ts';
import type { HttpReceiver } from './receiver.ts';
import { respondJson, respondProblem } from './respond.ts';

/** `POST /v1/ingest`: a JSON object, a JSON array or NDJSON, told apart by its bytes. */
export function createIngestHttp<Batch extends Scanned>(deps: IngestDeps<Batch>): HttpReceiver {
  const dialect: IngestDialect = {
    protocol: 'http',
    emptyBodyDetail: 'the body is empty: send a JSON object, a JSON array or NDJSON',
    contentOf: () => ({ type: 'content', format: 'json' }),
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
