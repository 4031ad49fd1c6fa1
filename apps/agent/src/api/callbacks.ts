/** Where other services call us back. There is no token: the signature over the raw body is the credential. */
import { z } from 'zod';
import { RequestError } from '@sentinellog/shared';
import { AccessDenied } from './access-denied.ts';
import type { Api } from './api.ts';

type Verdict = 'ok' | 'missing' | 'stale' | 'wrong' | 'replayed';

export interface CallbackDesk {
  checkSlack(signature: string | undefined, timestamp: string | undefined, body: Uint8Array): Verdict;
  /** What was clicked; ends after the answer, as Slack waits three seconds for that one. */
  slackClicked(payload: unknown): void;
  checkPagerDuty(channelId: string, signature: string | undefined, body: Uint8Array): Verdict;
  /** RequestError `invalid_request` where it is no event of PagerDuty's. */
  pagerDutySaid(channelId: string, body: Uint8Array): Promise<unknown>;
}

const WORDS: Readonly<Record<Exclude<Verdict, 'ok'>, string>> = {
  missing: 'this request is not signed',
  stale: 'the time of the signature is more than five minutes away: check the clock',
  wrong: 'the signature does not fit: check the signing secret of the channel',
  replayed: 'this very request has been taken already',
};

export async function callbackRoutes(api: Api, { callbacks }: { readonly callbacks: CallbackDesk }): Promise<void> {
  await api.register((scope: Api, _options, done) => {
    // Signed is what was sent, byte for byte.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));

    scope.route({
      method: 'POST',
      url: '/v1/callbacks/slack',
      config: { scope: 'public' },
      schema: { summary: 'Clicks in Slack, signed with the signing secret of the app', response: { 200: z.null() } },
      handler: async (request, reply) => {
        const body = bytesOf(request.body);
        const { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp } = request.headers;
        requireGood(callbacks.checkSlack(single(signature), single(timestamp), body));
        callbacks.slackClicked(payloadOf(body));
        return reply.code(200).send(null);
      },
    });

    scope.route({
      method: 'POST',
      url: '/v1/callbacks/pagerduty/:id',
      config: { scope: 'public' },
      schema: {
        summary: "PagerDuty's v3 webhooks for this channel, signed with the secret of the subscription",
        params: z.object({ id: z.string().max(64) }),
        response: { 202: z.null() },
      },
      handler: async (request, reply) => {
        const body = bytesOf(request.body);
        const { id } = request.params;
        requireGood(callbacks.checkPagerDuty(id, single(request.headers['x-pagerduty-signature']), body));
        await callbacks.pagerDutySaid(id, body);
        return reply.code(202).send(null);
      },
    });
    done();
  });
}

function requireGood(verdict: Verdict): void {
  if (verdict === 'ok') return;
  throw new AccessDenied({ code: 'unauthenticated', reason: 'signature', detail: WORDS[verdict] });
}

function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

/** Slack sends a form with one field that holds JSON. */
function payloadOf(body: Uint8Array): unknown {
  const text = new URLSearchParams(Buffer.from(body).toString('utf8')).get('payload');
  try {
    return JSON.parse(text ?? '') as unknown;
  } catch (error) {
    throw new RequestError('invalid_json', 'the field "payload" holds no JSON', { cause: error });
  }
}
