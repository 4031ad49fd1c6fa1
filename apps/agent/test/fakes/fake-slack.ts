/** Slack's Web API and Socket Mode, as far as the agent uses them, with Slack's limits held. */
import { once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';
import { blockKitProblems } from './block-kit.ts';
import { type FakeAnswer, type FakeRequest, FaultyServer } from './faulty-server.ts';

/** One message a second in a channel; a little less, for what the way there takes. */
const POST_GAP_MS = 950;

export interface FakeMessage {
  readonly ts: string;
  readonly threadTs: string | null;
  text: string;
  blocks: unknown[];
  metadata: unknown;
  edits: number;
}

type Fields = Readonly<Record<string, string>>;

export class FakeSlack {
  readonly messages: FakeMessage[] = [];
  readonly whispers: Fields[] = [];
  readonly uploads: Uint8Array[] = [];
  /** What of our messages Slack would have refused. */
  readonly problems: string[] = [];
  rateLimitHits = 0;
  /** Set to answer every method with `ok: false`. */
  refuseWith: string | null = null;
  /** Scopes that the app was not given. */
  missingMethods = new Set<string>();
  readonly http: FaultyServer;
  readonly #sockets: WebSocketServer;
  readonly #acks: string[] = [];
  #lastPostMs = 0;
  #counter = 0;

  private constructor(http: FaultyServer, sockets: WebSocketServer) {
    this.http = http;
    this.#sockets = sockets;
  }

  static async open(): Promise<FakeSlack> {
    let slack: FakeSlack | undefined = undefined;
    const http = await FaultyServer.open((request) => slack?.answer(request) ?? { status: 503, body: '' });
    const sockets = new WebSocketServer({ server: http.server, path: '/socket' });
    slack = new FakeSlack(http, sockets);
    const self = slack;
    sockets.on('connection', (socket) => {
      socket.send(JSON.stringify({ type: 'hello', num_connections: 1 }));
      socket.on('message', (data: Buffer) => {
        const { envelope_id } = JSON.parse(data.toString('utf8')) as { envelope_id: string };
        self.#acks.push(envelope_id);
      });
    });
    return slack;
  }

  get apiUrl(): string {
    return `${this.http.url}/api/`;
  }

  get connections(): number {
    return this.#sockets.clients.size;
  }

  /** First messages, digests among them; not what lies in threads. */
  get top(): FakeMessage[] {
    return this.messages.filter(({ threadTs }) => threadTs === null);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    await this.http.close();
  }

  /** Somebody presses a button; resolves when the agent has acknowledged. */
  async click(payload: unknown): Promise<void> {
    const envelope = `envelope-${++this.#counter}`;
    const [socket] = this.#sockets.clients;
    socket.send(
      JSON.stringify({ type: 'interactive', envelope_id: envelope, payload, accepts_response_payload: true }),
    );
    await eventuallyTrue(() => this.#acks.includes(envelope));
  }

  /** Slack closes every connection, as it does when it moves them. */
  async dropSockets(): Promise<void> {
    const closing = [...this.#sockets.clients].map((socket: WebSocket) => once(socket, 'close'));
    for (const socket of this.#sockets.clients) socket.terminate();
    await Promise.all(closing);
  }

  answer(request: FakeRequest): FakeAnswer {
    if (request.path.startsWith('/upload')) {
      this.uploads.push(request.bytes);
      return { status: 200, body: 'OK' };
    }
    const method = request.path.replace(/^\/api\//, '').replace(/\?.*$/, '');
    if (this.refuseWith !== null) return refuse(this.refuseWith);
    if (this.missingMethods.has(method)) return refuse('missing_scope');
    const fields = fieldsOf(request);
    switch (method) {
      case 'chat.postMessage':
        return this.#post(fields);
      case 'chat.update':
        return this.#update(fields);
      case 'chat.postEphemeral':
        this.whispers.push(fields);
        return { status: 200, body: { ok: true, message_ts: this.#nextTs() } };
      case 'conversations.history':
        return this.#list(fields, (message) => message.threadTs === null);
      case 'conversations.replies':
        return this.#list(fields, (message) => message.threadTs === fields['ts'] || message.ts === fields['ts']);
      case 'files.getUploadURLExternal':
        return { status: 200, body: { ok: true, upload_url: `${this.http.url}/upload/1`, file_id: 'F1' } };
      case 'files.completeUploadExternal':
        return { status: 200, body: { ok: true, files: [{ id: 'F1' }] } };
      case 'apps.connections.open':
        return { status: 200, body: { ok: true, url: `${this.http.url.replace('http', 'ws')}/socket` } };
      default:
        return refuse('unknown_method');
    }
  }

  #post(fields: Fields): FakeAnswer {
    const nowMs = performance.now();
    if (nowMs - this.#lastPostMs < POST_GAP_MS) {
      this.rateLimitHits++;
      return { status: 429, body: '', headers: { 'retry-after': '1' } };
    }
    this.#lastPostMs = nowMs;
    const message: FakeMessage = {
      ts: this.#nextTs(),
      threadTs: fields['thread_ts'] ?? null,
      text: fields['text'] ?? '',
      blocks: parsed(fields['blocks']),
      metadata: fields['metadata'] === undefined ? undefined : JSON.parse(fields['metadata']),
      edits: 0,
    };
    this.#check(message);
    this.messages.push(message);
    return { status: 200, body: { ok: true, channel: fields['channel'], ts: message.ts } };
  }

  #update(fields: Fields): FakeAnswer {
    const message = this.messages.find(({ ts }) => ts === fields['ts']);
    if (message === undefined) return refuse('message_not_found');
    message.text = fields['text'] ?? '';
    message.blocks = parsed(fields['blocks']);
    if (fields['metadata'] !== undefined) message.metadata = JSON.parse(fields['metadata']);
    message.edits++;
    this.#check(message);
    return { status: 200, body: { ok: true, channel: fields['channel'], ts: message.ts } };
  }

  #list(fields: Fields, keep: (message: FakeMessage) => boolean): FakeAnswer {
    const messages = this.messages
      .filter(keep)
      .slice(-Number(fields['limit'] ?? 100))
      .map(({ ts, text, metadata }) => ({ type: 'message', ts, text, metadata }));
    return { status: 200, body: { ok: true, messages: messages.toReversed() } };
  }

  #check({ text, blocks }: FakeMessage): void {
    this.problems.push(...blockKitProblems({ text, blocks }));
  }

  #nextTs(): string {
    return `${Math.floor(Date.now() / 1000)}.${String(++this.#counter).padStart(6, '0')}`;
  }
}

function refuse(error: string): FakeAnswer {
  return { status: 200, body: { ok: false, error } };
}

/** The client sends forms, with JSON inside the fields that are objects. */
function fieldsOf({ headers, body }: FakeRequest): Fields {
  if ((headers['content-type'] ?? '').startsWith('application/json')) return JSON.parse(body) as Fields;
  return Object.fromEntries(new URLSearchParams(body));
}

function parsed(blocks: string | undefined): unknown[] {
  return blocks === undefined ? [] : (JSON.parse(blocks) as unknown[]);
}

async function eventuallyTrue(probe: () => boolean): Promise<void> {
  for (let tries = 0; !probe(); tries++) {
    if (tries > 500) throw new Error('the agent did not acknowledge within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
