import { describe, expect, it } from 'vitest';
import { MAX_AGENT_MESSAGE_LENGTH, parseAgentMessage } from './parse-agent-message.ts';

const PONG = { type: 'pong', t: 1, now_ms: 2 };

describe('parseAgentMessage', () => {
  it('takes what the protocol knows, and leaves out what it does not', () => {
    expect(parseAgentMessage(JSON.stringify({ ...PONG, extra: 'x' }))).toEqual({ ok: true, message: PONG });
  });

  it.each([
    [new Uint8Array(4), 'not_text'],
    ['{"type":"pong"', 'not_json'],
    ['{"type":"pong","t":"now"}', 'not_of_this_protocol'],
    ['{"type":"exec","command":"rm -rf /"}', 'not_of_this_protocol'],
    ['null', 'not_of_this_protocol'],
  ])('says what is wrong with %s', (data, reason) => {
    expect(parseAgentMessage(data)).toEqual({ ok: false, reason });
  });

  it('does not even look into a message that is too long', () => {
    const long = JSON.stringify({ ...PONG, padding: 'x'.repeat(MAX_AGENT_MESSAGE_LENGTH) });
    expect(parseAgentMessage(long)).toEqual({ ok: false, reason: 'too_long' });
  });
});
