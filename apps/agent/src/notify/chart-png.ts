/** A small line chart as PNG, drawn here: no canvas, no fonts, no native code. Colours of Midnight Pro. */
import { crc32, deflateSync } from 'node:zlib';
import type { IncidentNotice } from '../pipeline/delivery.ts';
import { glyphOf, GLYPH_HEIGHT, GLYPH_WIDTH } from './pixel-font.ts';

type Chart = NonNullable<IncidentNotice['chart']>;
type Rgb = readonly [number, number, number];

const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 64;
const RIGHT = 16;
const TOP = 28;
const BOTTOM = 28;

const GROUND: Rgb = [14, 17, 23];
const GRID: Rgb = [38, 44, 56];
const BAND: Rgb = [32, 52, 78];
const LINE: Rgb = [122, 176, 255];
const OUTSIDE: Rgb = [255, 107, 107];
const INK: Rgb = [168, 178, 196];

/** null where there is nothing to draw: fewer than two points. */
export function chartPng(chart: Chart): Uint8Array | null {
  const { t, value, lower, upper, label } = chart;
  const known = [...value, ...upper].filter((each): each is number => each !== null);
  if (t.length < 2 || known.length === 0) return null;
  const top = niceCeiling(Math.max(1, ...known));
  const picture = new Picture(WIDTH, HEIGHT, GROUND);
  const x = (index: number) =>
    LEFT + ((WIDTH - LEFT - RIGHT) * (t[index] - t[0])) / Math.max(1, t[t.length - 1] - t[0]);
  const y = (amount: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.max(0, amount) / top);

  for (let index = 1; index < t.length; index++) {
    const low = lower[index] ?? lower[index - 1];
    const high = upper[index] ?? upper[index - 1];
    if (low !== null && high !== null) picture.fill(x(index - 1), y(high), x(index), y(low), BAND);
  }
  for (const share of [0, 0.5, 1]) {
    picture.fill(LEFT, y(top * share), WIDTH - RIGHT, y(top * share) + 1, GRID);
    const words = short(top * share);
    picture.write(LEFT - 8 - words.length * (GLYPH_WIDTH + 1) * 2, y(top * share) - GLYPH_HEIGHT, words, INK);
  }
  for (let index = 1; index < t.length; index++) {
    const [from, to] = [value[index - 1], value[index]];
    if (from === null || to === null) continue;
    const high = upper[index];
    const low = lower[index];
    const isOutside = (high !== null && to > high) || (low !== null && to < low);
    picture.line(x(index - 1), y(from), x(index), y(to), isOutside ? OUTSIDE : LINE);
  }
  picture.write(LEFT, 8, label.toUpperCase().slice(0, 50), INK);
  picture.write(LEFT, HEIGHT - 18, clock(t[0]), INK);
  const last = `${clock(t[t.length - 1])} UTC`;
  picture.write(WIDTH - RIGHT - last.length * (GLYPH_WIDTH + 1) * 2, HEIGHT - 18, last, INK);
  return picture.encode();
}

function niceCeiling(amount: number): number {
  const power = 10 ** Math.floor(Math.log10(amount));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= amount) ?? amount;
}

function short(amount: number): string {
  if (amount >= 1e6) return `${Number((amount / 1e6).toFixed(1))}M`;
  if (amount >= 1e3) return `${Number((amount / 1e3).toFixed(1))}K`;
  return String(Number(amount.toFixed(2)));
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

/** Rows of RGB bytes, each with the filter byte 0 that PNG wants before it. */
class Picture {
  readonly #bytes: Uint8Array;
  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number, ground: Rgb) {
    this.#width = width;
    this.#height = height;
    this.#bytes = new Uint8Array(height * (width * 3 + 1));
    this.fill(0, 0, width, height, ground);
  }

  fill(fromX: number, fromY: number, toX: number, toY: number, colour: Rgb): void {
    for (let y = Math.round(fromY); y < Math.round(toY); y++)
      for (let x = Math.round(fromX); x < Math.round(toX); x++) this.#dot(x, y, colour);
  }

  /** Two pixels thick, without gaps however steep. */
  line(fromX: number, fromY: number, toX: number, toY: number, colour: Rgb): void {
    const steps = Math.ceil(Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1));
    for (let step = 0; step <= steps; step++) {
      const x = Math.round(fromX + ((toX - fromX) * step) / steps);
      const y = Math.round(fromY + ((toY - fromY) * step) / steps);
      this.fill(x, y, x + 2, y + 2, colour);
    }
  }

  /** Letters of twice the font's size; what the font lacks is a space. */
  write(left: number, top: number, text: string, colour: Rgb): void {
    for (let place = 0; place < text.length; place++) {
      for (const [row, bits] of glyphOf(text[place]).entries())
        for (let column = 0; column < GLYPH_WIDTH; column++) {
          if ((bits & (1 << (GLYPH_WIDTH - 1 - column))) === 0) continue;
          const x = left + (place * (GLYPH_WIDTH + 1) + column) * 2;
          this.fill(x, top + row * 2, x + 2, top + row * 2 + 2, colour);
        }
    }
  }

  encode(): Uint8Array {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(this.#width, 0);
    header.writeUInt32BE(this.#height, 4);
    // Eight bits a channel, colour type 2 (RGB).
    header.set([8, 2, 0, 0, 0], 8);
    const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    return Buffer.concat([
      signature,
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(this.#bytes)),
      chunk('IEND', new Uint8Array()),
    ]);
  }

  #dot(x: number, y: number, [red, green, blue]: Rgb): void {
    if (x < 0 || y < 0 || x >= this.#width || y >= this.#height) return;
    const at = y * (this.#width * 3 + 1) + 1 + x * 3;
    this.#bytes[at] = red;
    this.#bytes[at + 1] = green;
    this.#bytes[at + 2] = blue;
  }
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
