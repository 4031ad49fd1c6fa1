/** A mail server that keeps what it is given. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export class FakeSmtp {
  /** Whole messages as they came over the wire. */
  readonly mails: string[] = [];
  /** Answers MAIL FROM with this code; 0: takes it. */
  refuseWith = 0;
  isHanging = false;
  readonly #server: SMTPServer;

  private constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      authOptional: true,
      closeTimeout: 50,
      onMailFrom: (_address, _session, done) => {
        if (this.isHanging) return;
        if (this.refuseWith === 0) return done();
        done(Object.assign(new Error('not now'), { responseCode: this.refuseWith }));
      },
      onData: (stream, _session, done) => {
        const parts: Uint8Array[] = [];
        stream.on('data', (part: Uint8Array) => void parts.push(part));
        stream.on('end', () => {
          this.mails.push(Buffer.concat(parts).toString('utf8'));
          done();
        });
      },
    });
    this.#server.on('error', () => undefined);
  }

  static async open(): Promise<FakeSmtp> {
    const smtp = new FakeSmtp();
    smtp.#server.listen(0, '127.0.0.1');
    await once(smtp.#server.server, 'listening');
    return smtp;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
