/** An HTTP server on loopback that can fail in every way that the services of others do (reliability F25-F27). */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export const FAULTS = ['none', 'reset', 'hang', 'http500', 'rate429', 'taken_then_reset', 'redirect'] as const;
export type Fault = (typeof FAULTS)[number];

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bytes: Uint8Array;
}
export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
type Handler = (request: FakeRequest) => FakeAnswer;

export class FaultyServer {
  /** What the next requests meet. */
  fault: Fault = 'none';
  /** Asked for with 429. */
  retryAfterSeconds = 1;
  requests = 0;
  readonly server: Server;
  readonly #handle: Handler;
  readonly #sockets = new Set<Socket>();

  private constructor(handle: Handler) {
    this.#handle = handle;
    this.server = createServer((request, response) => void this.#serve(request, response));
    this.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async open(handle: Handler): Promise<FaultyServer> {
    const faulty = new FaultyServer(handle);
    faulty.server.listen(0, '127.0.0.1');
    await once(faulty.server, 'listening');
    return faulty;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests++;
    const { fault } = this;
    if (fault === 'reset') return void request.socket.destroy();
    const parts: Uint8Array[] = [];
    try {
      for await (const part of request as AsyncIterable<Uint8Array>) parts.push(part);
    } catch (error) {
      if (error instanceof Error) return;
      throw error;
    }
    if (fault === 'hang') return;
    if (fault === 'http500') return answer(response, { status: 500, body: 'oops' });
    if (fault === 'rate429') {
      return answer(response, { status: 429, body: '', headers: { 'retry-after': String(this.retryAfterSeconds) } });
    }
    if (fault === 'redirect') return answer(response, { status: 302, body: '', headers: { location: this.url } });
    const result = this.#handle({
      method: request.method ?? '',
      path: request.url ?? '',
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(parts).toString('utf8'),
      bytes: Buffer.concat(parts),
    });
    // The work is done, and nobody hears of it.
    if (fault === 'taken_then_reset') return void request.socket.destroy();
    answer(response, result);
  }
}

function answer(response: ServerResponse, { status, body, headers }: FakeAnswer): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
}
