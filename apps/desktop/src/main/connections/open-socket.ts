import { WebSocket } from 'ws';
import type { SocketHandlers, SocketLike } from '../../bridge/agent-connection.ts';
import { MAX_AGENT_MESSAGE_LENGTH } from '../../bridge/parse-agent-message.ts';
import { networkFailure } from './network-failure.ts';

/** TCP, TLS and the upgrade together. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A WebSocket of the main process. Certificates are checked by Node against the system's authorities; nothing overrides that. */
export function openSocket(url: string, handlers: SocketHandlers): SocketLike {
  const socket = new WebSocket(url, {
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: MAX_AGENT_MESSAGE_LENGTH,
    // A redirect would carry the token to somebody else; compression would let a small message grow large.
    followRedirects: false,
    perMessageDeflate: false,
  });
  socket.on('open', () => handlers.onOpen());
  socket.on('message', (data, isBinary) =>
    handlers.onMessage(!isBinary && Buffer.isBuffer(data) ? data.toString('utf8') : data),
  );
  socket.on('error', (error) => handlers.onError(describe(url, error)));
  socket.on('close', (code, reason) => handlers.onClose(code, reason.toString()));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

function describe(url: string, error: Error): string {
  const refused = /^Unexpected server response: (\d{3})$/.exec(error.message);
  if (refused) return `${new URL(url).host} is not a SentinelLog agent: it answered ${refused[1]} to the stream`;
  return networkFailure(new URL(url).host, error).error.detail;
}
