import type { SocketHandlers, SocketLike } from '../bridge/agent-connection.ts';

/** A browser's WebSocket as the connection knows it. Browsers do not say why one failed; its close is all there is. */
export function openBrowserSocket(url: string, handlers: SocketHandlers): SocketLike {
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => handlers.onOpen());
  socket.addEventListener('message', ({ data }) => handlers.onMessage(data));
  socket.addEventListener('close', ({ code, reason }) => handlers.onClose(code, reason));
  return {
    // What is said while the socket closes is lost anyway; `send` would throw only before it is open.
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code, reason) => socket.close(code, reason),
  };
}
