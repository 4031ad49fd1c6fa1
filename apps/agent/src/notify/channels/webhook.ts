import { createHmac } from 'node:crypto';
import type { ChannelType, Message, Secrets } from '../channel.ts';
import { failureOfStatus } from '../delivery-failure.ts';
import { sentenceOf } from '../incident-words.ts';

/**
 * JSON to an address of the user's. `X-Sentinel-Signature: v1=HMAC-SHA256("v1:{timestamp}:{body}")` proves that it is
 * ours; `X-Sentinel-Delivery` is the same at every attempt, so that a receiver can tell a repeat.
 */
export const webhook: ChannelType<'webhook'> = {
  kind: 'webhook',
  open: ({ url }, secrets, { fetch, now }) => ({
    stormLimit: null,
    deliver: async (message, signal) => {
      const body = bodyOf(message);
      const timestamp = String(Math.floor(now() / 1000));
      const answer = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-sentinel-timestamp': timestamp,
          'x-sentinel-delivery': message.key,
          'x-sentinel-signature': signaturesOf(secrets, timestamp, body).join(','),
        },
        body,
        signal,
      });
      const failure = failureOfStatus(answer.status, answer.headers, new URL(url).host);
      if (failure !== null) throw failure;
      return { messageId: message.key, ref: null };
    },
  }),
};

function bodyOf({ notice, key }: Message): string {
  const { incident, transition, because, headline, samples, topClusters, runbook, consoleUrl, cluster } = notice;
  return JSON.stringify({
    version: 1,
    delivery: key,
    event: `incident.${transition}`,
    text: sentenceOf(notice),
    cluster,
    headline,
    because,
    console_url: consoleUrl,
    incident,
    samples,
    top_clusters: topClusters.map(({ name, share, isNew }) => ({ name, share, is_new: isNew })),
    runbook,
  });
}

function signaturesOf(secrets: Secrets, timestamp: string, body: string): string[] {
  const both = [secrets['signingSecret'], secrets['previousSigningSecret']].filter((each) => each !== undefined);
  return both.map((secret) => `v1=${createHmac('sha256', secret).update(`v1:${timestamp}:${body}`).digest('hex')}`);
}
