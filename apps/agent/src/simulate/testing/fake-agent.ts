/** The ingest route of an agent that answers as it is told, and keeps what it accepted. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedBatch {
  readonly batchId: string;
  readonly key: string;
  readonly body: string;
  /** What it was answered; 'cut' when the connection was closed without an answer. */
  readonly answer: number | 'cut';
}

/** Answers other than 202, used up one a request. */
export type Refusal =
  | 'cut'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

export class FakeAgent {
  readonly received: ReceivedBatch[] = [];
  readonly refusals: Refusal[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeAgent> {
    const server = createServer();
    const agent = new FakeAgent(server);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void agent.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return agent;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get accepted(): readonly ReceivedBatch[] {
    return this.received.filter(({ answer }) => answer === 202);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/v1/ingest') {
      response.writeHead(404).end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const refusal = this.refusals.shift();
    const batchId = String(request.headers['x-sentinel-batch-id']);
    const answer = refusal === undefined ? 202 : refusal === 'cut' ? 'cut' : refusal.status;
    this.received.push({ batchId, key: String(request.headers['x-sentinel-key']), body, answer });
    if (refusal === 'cut') {
      request.socket.destroy();
      return;
    }
    response.writeHead(refusal?.status ?? 202, { 'Content-Type': 'application/json', ...refusal?.headers });
    const accepted = body.split('\n').filter(Boolean).length;
    response.end(refusal ? (refusal.body ?? '') : JSON.stringify({ accepted, rejected: 0, batch_id: batchId }));
  }
}
