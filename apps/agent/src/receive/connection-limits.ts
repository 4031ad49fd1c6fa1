import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** Without this many bytes a second, over its first ten seconds and ever after, a body is a way to hold a connection. */
const LEAST_BYTES_PER_SECOND = 1024;
const PATIENCE_MS = 10_000;

/** Why connections were closed, since the start: everything that is not the client's own end. */
export interface ConnectionCounts {
  address_full: number;
  too_slow: number;
}

interface Connection {
  /** Whose body may still be coming. */
  request: IncomingMessage | undefined;
  /** Of the first look at this body; undefined before. */
  sinceMs: number | undefined;
  bytesBefore: number;
}

/**
 * Keeps one address, and senders that trickle, from taking all connections. They are cut off without an answer, since a
 * reset is what every sender tries again after (design: reliability §3).
 */
export class ConnectionLimits {
  readonly counts: ConnectionCounts = { address_full: 0, too_slow: 0 };
  readonly #maxPerAddress: number;
  readonly #now: () => number;
  readonly #open = new Map<string, number>();
  readonly #connections = new Map<Socket, Connection>();

  /** @param now milliseconds, monotonic */
  constructor(options: { readonly maxPerAddress: number; readonly now: () => number }) {
    this.#maxPerAddress = options.maxPerAddress;
    this.#now = options.now;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#admit(socket));
    // Once a request: what it costs is paid by every event that is sent alone, so the clock is read in `cutSlow`.
    server.on('request', (request: IncomingMessage) => {
      const connection = this.#connections.get(request.socket);
      if (connection === undefined) return;
      connection.request = request.method === 'GET' ? undefined : request;
      connection.sinceMs = undefined;
    });
  }

  /** Call it about once a second: cuts off bodies that come too slowly, counted from the first call that sees them. */
  cutSlow(): void {
    const nowMs = this.#now();
    for (const [socket, connection] of this.#connections) {
      const { request, sinceMs, bytesBefore } = connection;
      if (request === undefined) continue;
      if (request.complete) {
        connection.request = undefined;
        continue;
      }
      if (sinceMs === undefined) {
        connection.sinceMs = nowMs;
        connection.bytesBefore = socket.bytesRead;
        continue;
      }
      const passedMs = nowMs - sinceMs;
      const isFastEnough = socket.bytesRead - bytesBefore >= (passedMs / 1000) * LEAST_BYTES_PER_SECOND;
      if (passedMs < PATIENCE_MS || isFastEnough) continue;
      this.counts.too_slow++;
      connection.request = undefined;
      socket.destroy();
    }
  }

  #admit(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const open = this.#open.get(address) ?? 0;
    if (open >= this.#maxPerAddress) {
      this.counts.address_full++;
      socket.destroy();
      return;
    }
    this.#open.set(address, open + 1);
    this.#connections.set(socket, { request: undefined, sinceMs: undefined, bytesBefore: 0 });
    socket.once('close', () => {
      const left = (this.#open.get(address) ?? 1) - 1;
      if (left === 0) this.#open.delete(address);
      else this.#open.set(address, left);
      this.#connections.delete(socket);
    });
  }
}
