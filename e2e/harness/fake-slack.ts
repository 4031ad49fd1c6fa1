/** As much of Slack as an agent needs to post a message and to edit it; what it showed, in order. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeSlack {
  /** Of the Web API, for the channel's `apiUrl`. */
  readonly apiUrl: string;
  /** What each first message says now. */
  readonly messages: readonly string[];
  /** Everything that any message has said at any time, replies in threads among it. */
  readonly said: readonly string[];
  close(): Promise<void>;
}

export async function fakeSlack(): Promise<FakeSlack> {
  const messages: string[] = [];
  const said: string[] = [];
  const server = createServer((request, response) => void respond(request, response));
  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = answerTo(request.url ?? '', new URLSearchParams(await bodyOf(request)));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
  function answerTo(path: string, fields: URLSearchParams): object {
    const content = `${fields.get('text') ?? ''} ${fields.get('blocks') ?? ''}`;
    if (path.includes('chat.postMessage')) {
      said.push(content);
      if (!fields.has('thread_ts')) messages.push(content);
      return { ok: true, channel: fields.get('channel'), ts: `${messages.length}.000001` };
    }
    if (path.includes('chat.update')) {
      said.push(content);
      const number = Number.parseInt(fields.get('ts') ?? '', 10);
      messages[number - 1] = content;
      return { ok: true, channel: fields.get('channel'), ts: fields.get('ts') };
    }
    // An app that was given no further scope.
    return { ok: false, error: 'missing_scope' };
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    messages,
    said,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += String(piece);
  return body;
}
