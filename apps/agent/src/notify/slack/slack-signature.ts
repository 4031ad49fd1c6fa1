import { createHmac, timingSafeEqual } from 'node:crypto';

/** Both sides of now: a stamp from the future is as wrong as an old one (reliability A21). */
const WINDOW_SECONDS = 300;
/** A signature that was good once is refused for as long as its stamp could pass. */
const REMEMBERED = 10_000;

export type SignatureVerdict = 'ok' | 'missing' | 'stale' | 'wrong' | 'replayed';

/** Signatures of Slack's requests: `v0=HMAC-SHA256("v0:{timestamp}:{body}")`, each accepted once. */
export class SlackSignatures {
  readonly #now: () => number;
  readonly #seen = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param secrets signing secrets of all Slack apps that are set up here */
  check(
    headers: { readonly signature: string | undefined; readonly timestamp: string | undefined },
    body: Uint8Array,
    secrets: readonly string[],
  ): SignatureVerdict {
    const { signature, timestamp } = headers;
    if (signature === undefined || timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'missing';
    const nowSeconds = this.#now() / 1000;
    if (Math.abs(nowSeconds - Number(timestamp)) > WINDOW_SECONDS) return 'stale';
    const given = /^v0=([0-9a-f]{64})$/.exec(signature)?.[1];
    if (given === undefined) return 'wrong';
    const signed = Buffer.concat([Buffer.from(`v0:${timestamp}:`), body]);
    const isOurs = secrets.some((secret) => isHmac(secret, signed, given));
    if (!isOurs) return 'wrong';
    return this.#isFirst(given, nowSeconds) ? 'ok' : 'replayed';
  }

  #isFirst(signature: string, nowSeconds: number): boolean {
    for (const [old, at] of this.#seen) {
      if (nowSeconds - at <= 2 * WINDOW_SECONDS && this.#seen.size < REMEMBERED) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(signature)) return false;
    this.#seen.set(signature, nowSeconds);
    return true;
  }
}

/** Whether `hex` is the HMAC-SHA256 of `text` under `secret`. */
export function isHmac(secret: string, text: Uint8Array, hex: string): boolean {
  const expected = createHmac('sha256', secret).update(text).digest();
  const given = Buffer.from(hex, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
