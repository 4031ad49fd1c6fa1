import {
  HeartbeatAnswerSchema,
  HeartbeatQuerySchema,
  parseInstantMs,
  parseStepSeconds,
  RequestError,
} from '@sentinellog/shared';
import type { Api } from './api.ts';
import { answerHeartbeats, type HeartbeatReader, type HeartbeatSource } from './heartbeat-query.ts';

/** What is shown when nothing is asked for. */
const DEFAULT_RANGE_MS = 15 * 60_000;

export interface HeartbeatDeps {
  readonly heartbeats: HeartbeatReader;
  readonly sources: { list(): readonly HeartbeatSource[] };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function heartbeatRoutes(api: Api, { heartbeats, sources, now }: HeartbeatDeps): void {
  api.route({
    method: 'GET',
    url: '/v1/heartbeats',
    config: { scope: 'read', afterReplay: true },
    schema: {
      summary: 'Log volume or error rate over time with the learnt baseline, as columns for uPlot',
      querystring: HeartbeatQuerySchema,
      response: { 200: HeartbeatAnswerSchema },
    },
    // Up to a million numbers that we have just made ourselves: checking each against the schema would cost more than making it.
    serializerCompiler: () => (answer) => JSON.stringify(answer),
    handler: async (request) => {
      const { source, from, to, step, signal } = request.query;
      const stepSeconds = parseStepSeconds(step);
      if (stepSeconds === undefined) {
        throw new RequestError('invalid_request', 'querystring.step must be like 1s, 10s, 5m, 1h or 1d');
      }
      const toMs = to === undefined ? now() : instantOf(to, 'to');
      const fromMs = from === undefined ? toMs - DEFAULT_RANGE_MS : instantOf(from, 'from');
      if (fromMs >= toMs) throw new RequestError('invalid_request', 'querystring.from must be before querystring.to');
      const asked = source === undefined ? sources.list() : resolve(source, sources.list());
      return await answerHeartbeats(heartbeats, asked, { signal, stepSeconds, fromMs, toMs }, now());
    },
  });
}

/** Milliseconds since the epoch of a query parameter; names the parameter when it is neither form. */
export function instantOf(text: string, name: string): number {
  const ms = parseInstantMs(text);
  // 8.64e15 is the end of ECMAScript time (ECMA-262 §21.4.1.1).
  if (ms === undefined || ms < 0 || ms > 8.64e15) {
    throw new RequestError(
      'invalid_request',
      `querystring.${name} must be milliseconds since the epoch or ISO 8601, not before 1970`,
    );
  }
  return ms;
}

/** Sources by id or by service name; the same one named twice counts once. */
function resolve(names: readonly string[], sources: readonly HeartbeatSource[]): readonly HeartbeatSource[] {
  const wanted = new Set(names);
  const found = sources.filter((source) => wanted.has(source.source_id) || wanted.has(source.service));
  for (const source of found) {
    wanted.delete(source.source_id);
    wanted.delete(source.service);
  }
  if (wanted.size > 0) {
    throw new RequestError(
      'not_found',
      `${wanted.size} of the sources asked for are known neither as id nor as service name`,
    );
  }
  return found;
}
