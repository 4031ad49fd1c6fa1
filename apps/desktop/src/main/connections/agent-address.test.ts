import { describe, expect, it } from 'vitest';
import { parseAgentAddress } from './agent-address.ts';

describe('the address of an agent', () => {
  it.each([
    ['https://eu.example.com:8400', 'https://eu.example.com:8400', 'wss://eu.example.com:8400/v1/stream'],
    ['  https://EU.example.com/ ', 'https://eu.example.com', 'wss://eu.example.com/v1/stream'],
    ['eu.example.com:8400', 'https://eu.example.com:8400', 'wss://eu.example.com:8400/v1/stream'],
    ['wss://eu.example.com', 'https://eu.example.com', 'wss://eu.example.com/v1/stream'],
    ['http://127.0.0.1:8400', 'http://127.0.0.1:8400', 'ws://127.0.0.1:8400/v1/stream'],
    ['http://localhost:8400/', 'http://localhost:8400', 'ws://localhost:8400/v1/stream'],
    ['http://[::1]:8400', 'http://[::1]:8400', 'ws://[::1]:8400/v1/stream'],
    ['ws://127.0.0.1:8400', 'http://127.0.0.1:8400', 'ws://127.0.0.1:8400/v1/stream'],
  ])('%s is %s', (typed, origin, streamUrl) => {
    expect(parseAgentAddress(typed)).toEqual({ ok: true, value: { origin, streamUrl } });
  });

  it.each([
    ['http://eu.example.com', 'insecure_url'],
    ['ws://10.0.0.4:8400', 'insecure_url'],
    ['http://127.0.0.1.evil.example', 'insecure_url'],
    ['http://localhost.evil.example', 'insecure_url'],
    ['', 'bad_url'],
    ['not an address', 'bad_url'],
    ['ftp://eu.example.com', 'bad_url'],
    ['file:///etc/passwd', 'bad_url'],
    ['javascript://eu.example.com/%0aalert(1)', 'bad_url'],
    ['https://anna:secret@eu.example.com', 'bad_url'],
    ['https://eu.example.com/console', 'bad_url'],
    ['https://eu.example.com/?token=x', 'bad_url'],
  ])('%s is refused as %s', (typed, code) => {
    expect(parseAgentAddress(typed)).toMatchObject({ ok: false, error: { code } });
  });
});
