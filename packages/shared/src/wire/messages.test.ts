import { describe, expect, it } from 'vitest';
import { ClientMessageSchema } from './messages.ts';

describe('what a client may say on the stream', () => {
  // Regression: three options with one discriminator threw at the first parse, and an agent ended at the first hello.
  it.each([
    { type: 'hello', protocol: 1, token: 'slt_1' },
    { type: 'hello', protocol: 1, token: '', resume: { session: 's1', seq: 7 } },
    { type: 'subscribe', id: 'h1', topic: 'heartbeats', signal: 'volume' },
    { type: 'subscribe', id: 'h2', topic: 'heartbeats', signal: 'error_rate', sources: ['payment'] },
    { type: 'subscribe', id: 'a1', topic: 'anomalies' },
    { type: 'subscribe', id: 's1', topic: 'health' },
    { type: 'unsubscribe', id: 'h1' },
    { type: 'ping', t: 1_760_000_000_000 },
  ])('$type is understood', (message) => {
    expect(ClientMessageSchema.parse(message)).toEqual(message);
  });

  it.each([
    null,
    'hello',
    { type: 'shutdown' },
    { type: 'hello', protocol: 1, token: 'x'.repeat(513) },
    { type: 'subscribe', id: 'x', topic: 'tokens' },
    { type: 'subscribe', id: 'x', topic: 'heartbeats' },
    { type: 'subscribe', id: 'x', topic: 'health', signal: 'volume' },
    { type: 'ping', t: 1, admin: true },
  ])('%j is refused, not thrown about', (message) => {
    expect(ClientMessageSchema.safeParse(message).success).toBe(false);
  });
});
