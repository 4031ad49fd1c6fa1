/** What the first-steps wizard asks of an agent: a key, whether it was used, a line of our own, and a way to Slack. */
import {
  ChannelSchema,
  ChannelTestSchema,
  IngestAnswerSchema,
  KeyCreatedSchema,
  KeyListSchema,
  type ChannelTest,
  type ChannelView,
  type IngestAnswer,
  type IngestKey,
} from '@sentinellog/shared';
import type { AgentCall } from './incident-calls.ts';

/** The answer of `POST /v1/keys`: the one time that the key itself is told. */
export type NewIngestKey = IngestKey & { readonly key: string };

export function makeKeyCall(name: string): AgentCall<NewIngestKey> {
  return { method: 'POST', path: '/v1/keys', body: { name }, schema: KeyCreatedSchema };
}

/** Only `last_used_ms` tells that a sender has the key right, whatever else arrives meanwhile. */
export function keysCall(): AgentCall<{ keys: IngestKey[] }> {
  return { method: 'GET', path: '/v1/keys', schema: KeyListSchema };
}

/** One line under the service `sentinellog-test`, sent as any shipper would send it. */
export function testLineCall(key: string, nowMs: number): AgentCall<IngestAnswer> {
  return {
    method: 'POST',
    path: '/v1/ingest',
    headers: { 'x-sentinel-key': key },
    body: {
      timestamp: new Date(nowMs).toISOString(),
      service: 'sentinellog-test',
      level: 'info',
      message: 'A test line from the SentinelLog console',
    },
    schema: IngestAnswerSchema,
  };
}

export function makeSlackCall(channelId: string, url: string): AgentCall<ChannelView> {
  return {
    method: 'POST',
    path: '/v1/channels',
    body: { channel_id: channelId, name: 'Slack', settings: { kind: 'slack_webhook' }, secrets: { url } },
    schema: ChannelSchema,
  };
}

export function testChannelCall(channelId: string): AgentCall<ChannelTest> {
  return { method: 'POST', path: `/v1/channels/${encodeURIComponent(channelId)}:test`, schema: ChannelTestSchema };
}
