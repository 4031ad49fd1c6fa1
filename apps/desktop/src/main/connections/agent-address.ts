import type { Answer } from '../../bridge/calls.ts';
import { failed } from './call-failure.ts';

/** Where an agent answers: everything else is built from its origin. */
export interface AgentAddress {
  /** `https://host[:port]`, or `http://` on this machine. */
  readonly origin: string;
  /** `wss://…/v1/stream` */
  readonly streamUrl: string;
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Understands what a person types or pastes. An access token is as good as a password, so it travels in the clear only
 * to this machine itself (reliability §4, row 12).
 */
export function parseAgentAddress(typed: string): Answer<AgentAddress> {
  const text = typed.trim();
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null || url.hostname === '') {
    return failed('bad_url', 'That is not an address. It looks like https://agent.example.com:8400');
  }
  if (url.username !== '' || url.password !== '') {
    return failed('bad_url', 'Leave the user name and password out of the address; the access token has its own field');
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return failed('bad_url', `Give only the agent’s address, without a path: ${url.protocol}//${url.host}`);
  }
  const loopback = LOOPBACK_HOSTS.has(url.hostname);
  switch (url.protocol) {
    case 'https:':
    case 'wss:':
      return address(`https://${url.host}`);
    case 'http:':
    case 'ws:':
      return loopback
        ? address(`http://${url.host}`)
        : failed(
            'insecure_url',
            `http:// would send the access token in the clear to ${url.host}. Use https://, or an agent on this machine`,
          );
    default:
      return failed('bad_url', `An agent is reached by https://, not by ${url.protocol}//`);
  }
}

function address(origin: string): Answer<AgentAddress> {
  return { ok: true, value: { origin, streamUrl: `${origin.replace(/^http/, 'ws')}/v1/stream` } };
}
