import { once } from 'node:events';
import { AgentMessageSchema, PROTOCOL_VERSION, type AgentMessage, type ClientMessage } from '@sentinellog/shared';
import { WebSocket, type ClientOptions } from 'ws';

/** A console on a real socket: writes down what it gets, and waits for what a test expects. */
export class FakeConsole {
  readonly messages: AgentMessage[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(url: string, options: ClientOptions = {}) {
    this.#socket = new WebSocket(url, options);
    this.#socket.on('message', (data: Buffer) => {
      this.messages.push(AgentMessageSchema.parse(JSON.parse(data.toString())));
      this.#wake();
    });
    this.#socket.on('error', () => this.#wake());
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  async opened(): Promise<this> {
    if (this.#socket.readyState === WebSocket.CONNECTING) await once(this.#socket, 'open');
    return this;
  }

  /** The HTTP status of an upgrade that is refused. */
  async refused(): Promise<number> {
    const [, response] = await once(this.#socket, 'unexpected-response');
    return (response as { statusCode: number }).statusCode;
  }

  say(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message));
  }

  sayRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  hello(token: string, resume?: { session: string; seq: number }): void {
    this.say({ type: 'hello', protocol: PROTOCOL_VERSION, token, ...(resume && { resume }) });
  }

  subscribe(topic: 'anomalies' | 'incidents' | 'health'): void {
    this.say({ type: 'subscribe', id: topic, topic });
  }

  /** All messages of one type so far. */
  got<Type extends AgentMessage['type']>(type: Type): Extract<AgentMessage, { type: Type }>[] {
    return this.messages.filter((message): message is Extract<AgentMessage, { type: Type }> => message.type === type);
  }

  /** Waits until so many messages of a type are here. */
  async until(type: AgentMessage['type'], count = 1): Promise<void> {
    while (this.got(type).length < count) {
      if (this.#isClosed) throw new Error(`closed before message ${count} of type ${type}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  pingFrame(): void {
    this.#socket.ping();
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }
}
