import { failed, type FailureCode } from './call-failure.ts';

/** What Node's sockets and TLS say, by their code, as what a person can do about it. */
const REASONS: Readonly<Record<string, readonly [FailureCode, string]>> = {
  ECONNREFUSED: ['unreachable', 'nothing listens there: is the agent running, and is the port right?'],
  ENOTFOUND: ['unreachable', 'there is no such host: check the spelling'],
  EAI_AGAIN: ['unreachable', 'the name cannot be looked up just now: check the network'],
  ECONNRESET: ['unreachable', 'the connection was cut'],
  EPIPE: ['unreachable', 'the connection was cut'],
  EHOSTUNREACH: ['unreachable', 'there is no route to the host: check the network or VPN'],
  ENETUNREACH: ['unreachable', 'there is no route to the host: check the network or VPN'],
  ETIMEDOUT: ['timed_out', 'it does not answer: check the network, VPN or firewall'],
  UND_ERR_CONNECT_TIMEOUT: ['timed_out', 'it does not answer: check the network, VPN or firewall'],
  UND_ERR_SOCKET: ['unreachable', 'the connection was cut'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'tls',
    'its certificate is self-signed: add its authority to this system’s trusted ones',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ['tls', 'its certificate’s authority is not trusted by this system: add it there'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'tls',
    'its certificate’s authority is unknown, or the agent leaves out a part of the chain',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['tls', 'its certificate’s authority is not trusted by this system: add it there'],
  CERT_HAS_EXPIRED: ['tls', 'its certificate has expired: renew it'],
  CERT_NOT_YET_VALID: ['tls', 'its certificate is not valid yet: check both clocks'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['tls', 'its certificate is for another host name'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['tls', 'it does not speak TLS on this port: is it http://?'],
  EPROTO: ['tls', 'it does not speak TLS on this port: is it http://?'],
};

/** Turns what `fetch` or a WebSocket threw into an answer; `origin` is named so that the sentence stands alone. */
export function networkFailure(origin: string, error: unknown): ReturnType<typeof failed> {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return failed('timed_out', `${origin}: it does not answer: check the network, VPN or firewall`);
  }
  const [code, words] = REASONS[codeOf(error)] ?? ['unreachable', `it cannot be reached (${codeOf(error)})`];
  return failed(code, `${origin}: ${words}`);
}

/** fetch hides the socket's error one level down; several tried addresses hide it two levels down. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.name : codeOf(error.cause);
}
