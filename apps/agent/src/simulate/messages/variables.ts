import type { Sfc32 } from '../random.ts';

const HEX = '0123456789abcdef';
const NETWORKS = ['10.4', '10.12', '172.18', '198.18'] as const;
const REGIONS = ['eu-central-1', 'eu-west-1', 'us-east-1'] as const;
const NAMES = [
  'anna.weber',
  'j.martin',
  'li.wei',
  'zoë.laurent',
  'tomasz',
  'm.okafor',
  'priya.n',
  'søren.k',
  'garcía',
  'kim',
] as const;
const PRODUCTS = [
  'espresso-cup',
  'desk-lamp',
  'running-shoes',
  'usb-c-hub',
  'rain-jacket',
  'notebook-a5',
  'water-bottle',
] as const;
const WORDS = [
  'lamp',
  'running shoes',
  'usb c hub 4 port',
  'jacket women',
  'gift',
  'coffee',
  'desk 120x60',
  'espresso cups',
] as const;
const PATHS = [
  '/api/orders',
  '/api/cart',
  '/api/products',
  '/api/checkout',
  '/api/search',
  '/api/users/me',
  '/api/stock',
] as const;

/** The changing parts of messages. One object for all lines: the event at hand is set before a template is asked. */
export class Variables {
  readonly #random: Sfc32;
  /** Of the event that the message is about. */
  durationMs = 0;
  traceId = '';
  requestId = '';
  userId = '';

  constructor(random: Sfc32) {
    this.#random = random;
  }

  /** A whole number from `from` up to and including `to`. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#random.next() * (to - from + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random.next() * choices.length)];
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.#eightHex();
    return text.length === digits ? text : text.slice(0, digits);
  }

  // Digit by digit is four times as fast as toString(16).padStart(8, '0'), and a trace id is on almost every line.
  #eightHex(): string {
    const n = this.#random.uint32();
    return (
      HEX[n >>> 28] +
      HEX[(n >>> 24) & 15] +
      HEX[(n >>> 20) & 15] +
      HEX[(n >>> 16) & 15] +
      HEX[(n >>> 12) & 15] +
      HEX[(n >>> 8) & 15] +
      HEX[(n >>> 4) & 15] +
      HEX[n & 15]
    );
  }

  /** An address that belongs to nobody: private networks, and the range for benchmarks (RFC 2544). */
  ip(): string {
    return `${this.pick(NETWORKS)}.${this.int(0, 255)}.${this.int(1, 254)}`;
  }

  amount(): string {
    return (this.int(399, 24_999) / 100).toFixed(2);
  }

  orderId(): string {
    return `ORD-${this.int(100_000, 999_999)}`;
  }

  sku(): string {
    return `${this.pick(PRODUCTS)}-${this.int(10, 99)}`;
  }

  name(): string {
    return this.pick(NAMES);
  }

  path(): string {
    return this.pick(PATHS);
  }

  words(): string {
    return this.pick(WORDS);
  }

  region(): string {
    return this.pick(REGIONS);
  }

  host(service: string): string {
    return `${service}-${this.int(0, 4)}`;
  }
}
