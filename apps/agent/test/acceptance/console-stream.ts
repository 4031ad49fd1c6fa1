/** The stream as a console sees it: incidents as they change. */
import { once } from 'node:events';
import { type Incident, PROTOCOL_VERSION, AgentMessageSchema } from '@sentinellog/shared';
import { WebSocket } from 'ws';

export class ConsoleStream {
  /** Newest state of each incident that the stream has told of. */
  readonly incidents = new Map<string, Incident>();
  /** Why a message is none that a console takes. */
  readonly unreadable: string[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const message = AgentMessageSchema.safeParse(JSON.parse(data.toString('utf8')));
      if (!message.success) this.unreadable.push(message.error.message);
      else if (message.data.type === 'incident')
        this.incidents.set(message.data.incident.incident_id, message.data.incident);
    });
  }

  static async open(agentUrl: string, token: string): Promise<ConsoleStream> {
    const socket = new WebSocket(`${agentUrl.replace('http', 'ws')}/v1/stream`);
    const stream = new ConsoleStream(socket);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION, token }));
    socket.send(JSON.stringify({ type: 'subscribe', id: 'incidents', topic: 'incidents' }));
    return stream;
  }

  close(): void {
    this.#socket.terminate();
  }
}
