import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../src/simulate/random.ts';

/** How the network behaves just now. */
export type NetworkWeather =
  | { readonly type: 'fair' }
  /** The agent gets the request and answers; the answer is lost and the connection cut, at this rate. */
  | { readonly type: 'loses-answers'; readonly rate: number }
  /** A request is cut somewhere in the middle, at this rate for each piece. */
  | { readonly type: 'cuts-requests'; readonly rate: number }
  | { readonly type: 'slow'; readonly bytesPerSecond: number; readonly delayMs: number };

/** Stands between senders and the agent, keeps one address over the agent's restarts, and spoils what passes. */
export class LossyProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #chance: Chance;
  weather: NetworkWeather = { type: 'fair' };
  lostAnswers = 0;
  cutRequests = 0;

  private constructor(targetPort: () => number, chance: Chance) {
    this.#chance = chance;
    this.#server = createServer((client) => this.#join(client, connect(targetPort(), '127.0.0.1')));
  }

  static async open(targetPort: () => number, chance: Chance): Promise<LossyProxy> {
    const proxy = new LossyProxy(targetPort, chance);
    await new Promise<void>((resolve) => {
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #join(client: Socket, agent: Socket): void {
    for (const [one, other] of [
      [client, agent],
      [agent, client],
    ]) {
      this.#sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    client.on('data', (bytes) => void this.#pass(client, agent, bytes, 'request'));
    agent.on('data', (bytes) => void this.#pass(agent, client, bytes, 'answer'));
  }

  async #pass(from: Socket, to: Socket, bytes: Buffer, what: 'request' | 'answer'): Promise<void> {
    const { weather } = this;
    switch (weather.type) {
      case 'loses-answers':
        if (what === 'answer' && this.#chance.next() < weather.rate) {
          this.lostAnswers++;
          to.destroy();
          return;
        }
        break;
      case 'cuts-requests':
        if (what === 'request' && this.#chance.next() < weather.rate) {
          this.cutRequests++;
          to.write(bytes.subarray(0, Math.floor(this.#chance.next() * bytes.length)), () => to.destroy());
          return;
        }
        break;
      case 'slow':
        // Paused meanwhile, so that pieces stay in order and what waits is bounded by one read.
        from.pause();
        await sleep(weather.delayMs + (bytes.length / weather.bytesPerSecond) * 1000);
        from.resume();
        break;
      case 'fair':
        break;
    }
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }
}
