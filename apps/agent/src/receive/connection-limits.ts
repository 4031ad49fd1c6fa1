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

interface ComingBody {
  readonly request: IncomingMessage;
  readonly sinceMs: number;
  readonly bytesBefore: number;
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
  readonly #bodies = new Map<Socket, ComingBody>();

  /** @param now milliseconds, monotonic */
  constructor(options: { readonly maxPerAddress: number; readonly now: () => number }) {
    this.#maxPerAddress = options.maxPerAddress;
    this.#now = options.now;
  }

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#admit(socket));
    server.on('request', (request: IncomingMessage) => {
      const { socket } = request;
      if (request.method === 'GET') this.#bodies.delete(socket);
      else this.#bodies.set(socket, { request, sinceMs: this.#now(), bytesBefore: socket.bytesRead });
    });
  }

  /** Call it about once a second: cuts off bodies that come too slowly. */
  cutSlow(): void {
    const nowMs = this.#now();
    for (const [socket, { request, sinceMs, bytesBefore }] of this.#bodies) {
      if (request.complete) this.#bodies.delete(socket);
      const passedMs = nowMs - sinceMs;
      const isFastEnough = socket.bytesRead - bytesBefore >= (passedMs / 1000) * LEAST_BYTES_PER_SECOND;
      if (request.complete || passedMs < PATIENCE_MS || isFastEnough) continue;
      this.counts.too_slow++;
      this.#bodies.delete(socket);
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
    socket.once('close', () => {
      const left = (this.#open.get(address) ?? 1) - 1;
      if (left === 0) this.#open.delete(address);
      else this.#open.set(address, left);
      this.#bodies.delete(socket);
    });
  }
}
