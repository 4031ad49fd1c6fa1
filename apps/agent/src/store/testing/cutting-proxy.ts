import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between the agent and the database, and breaks their connection at a chosen moment. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cutAt: { readonly text: string; readonly delivered: boolean } | undefined;

  private constructor(targetPort: () => number) {
    this.#server = createServer((client) => this.#join(client, connect(targetPort(), '127.0.0.1')));
  }

  static async open(targetPort: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(targetPort);
    await new Promise<void>((listening) => {
      proxy.#server.listen(0, '127.0.0.1', listening);
    });
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /**
   * Cuts the connection on which the agent next sends `text`, once.
   * @param fate of the message itself: it still reaches the database, whose answer is lost; or it does not
   */
  cutAt(text: string, fate: 'delivered' | 'lost'): void {
    this.#cutAt = { text, delivered: fate === 'delivered' };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => {
      this.#server.close(closed);
    });
  }

  #join(client: Socket, database: Socket): void {
    for (const [one, other] of [
      [client, database],
      [database, client],
    ]) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    database.on('data', (bytes) => client.write(bytes));
    client.on('data', (bytes) => {
      const cut = this.#cutAt;
      if (cut === undefined || !bytes.includes(cut.text)) return database.write(bytes);
      this.#cutAt = undefined;
      client.removeAllListeners('close');
      client.destroy();
      if (!cut.delivered) return database.destroy();
      // Read and thrown away until the database has answered, so that the commit is done and nobody knows.
      return database.removeAllListeners('data').resume().end(bytes);
    });
  }
}
