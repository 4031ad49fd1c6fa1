/** Somebody's own webhook receiver, which checks signatures. */
import { createHmac } from 'node:crypto';
import { type FakeRequest, FaultyServer } from './faulty-server.ts';

export const SIGNING_SECRET = 'whsec_correct_horse';

export class FakeReceiver {
  /** Taken requests by delivery id; more than one entry is a repeat. */
  readonly deliveries = new Map<string, FakeRequest[]>();
  badSignatures = 0;
  readonly http: FaultyServer;

  private constructor(http: FaultyServer) {
    this.http = http;
  }

  static async open(): Promise<FakeReceiver> {
    let receiver: FakeReceiver | undefined = undefined;
    const http = await FaultyServer.open((request) => {
      receiver?.take(request);
      return { status: 200, body: '' };
    });
    receiver = new FakeReceiver(http);
    return receiver;
  }

  get repeats(): number {
    return [...this.deliveries.values()].reduce((sum, requests) => sum + requests.length - 1, 0);
  }

  close(): Promise<void> {
    return this.http.close();
  }

  take(request: FakeRequest): void {
    const { headers, body } = request;
    const signed = `v1:${headers['x-sentinel-timestamp']}:${body}`;
    const expected = `v1=${createHmac('sha256', SIGNING_SECRET).update(signed).digest('hex')}`;
    if (!(headers['x-sentinel-signature'] ?? '').split(',').includes(expected)) this.badSignatures++;
    const id = headers['x-sentinel-delivery'];
    this.deliveries.set(id, [...(this.deliveries.get(id) ?? []), request]);
  }
}
