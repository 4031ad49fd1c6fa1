/** Pictures as bytes: enough of PNG to look at a screenshot, and to make a moving picture out of many. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Eight bits a channel, red green blue alpha, rows from the top. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export interface Frame {
  readonly picture: Picture;
  readonly shownMs: number;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Of what Chromium writes: eight bits, colour with or without alpha, not interlaced. */
export function decodePng(file: Buffer): Picture {
  let [width, height, channels] = [0, 0, 0];
  const data: Buffer[] = [];
  for (let at = SIGNATURE.length; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 8, at + 8 + length);
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR') {
      [width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)];
      const [depth, colour, , , interlaced] = body.subarray(8);
      if (depth !== 8 || (colour !== 2 && colour !== 6) || interlaced !== 0)
        throw new Error(`a PNG of depth ${depth} and colour type ${colour} is not read here`);
      channels = colour === 2 ? 3 : 4;
    }
    if (type === 'IDAT') data.push(body);
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * channels;
  const pixels = new Uint8Array(width * height * 4);
  let before = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] ?? 0;
    const row = Uint8Array.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)));
    for (let i = 0; i < stride; i++) {
      const left = i < channels ? 0 : (row[i - channels] ?? 0);
      const up = before[i] ?? 0;
      row[i] = (row[i] ?? 0) + predicted(filter, left, up, i < channels ? 0 : (before[i - channels] ?? 0));
    }
    for (let x = 0; x < width; x++) {
      const to = (y * width + x) * 4;
      for (let c = 0; c < 4; c++) pixels[to + c] = c < channels ? (row[x * channels + c] ?? 0) : 255;
    }
    before = row;
  }
  return { width, height, pixels };
}

/** PNG, third edition, §9.2. */
function predicted(filter: number, left: number, up: number, upLeft: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const guess = left + up - upLeft;
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)];
      return a <= b && a <= c ? left : b <= c ? up : upLeft;
    }
    default:
      return 0;
  }
}

/**
 * An animated PNG that plays for ever: of each frame only the rectangle that differs from the one before, in at most 256
 * colours, which a dark screen with few hues does not miss.
 */
export function encodeApng(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  if (first === undefined) throw new Error('a moving picture needs a frame');
  const { width, height } = first.picture;
  const palette = paletteOf(frames.map(({ picture }) => picture));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const animation = Buffer.alloc(8);
  animation.writeUInt32BE(frames.length, 0);
  const chunks = [chunk('IHDR', header), chunk('acTL', animation), chunk('PLTE', palette.bytes)];
  let sequence = 0;
  let shown: Uint8Array | null = null;
  for (const { picture, shownMs } of frames) {
    const indices = palette.indicesOf(picture);
    const box = shown === null ? { x: 0, y: 0, width, height } : changedBox(shown, indices, width, height);
    const control = Buffer.alloc(26);
    for (const [i, value] of [sequence++, box.width, box.height, box.x, box.y].entries()) {
      control.writeUInt32BE(value, i * 4);
    }
    control.writeUInt16BE(shownMs, 20);
    control.writeUInt16BE(1000, 22);
    chunks.push(chunk('fcTL', control));
    const rows = Buffer.alloc(box.height * (box.width + 1));
    for (let y = 0; y < box.height; y++) {
      const from = (box.y + y) * width + box.x;
      rows.set(indices.subarray(from, from + box.width), y * (box.width + 1) + 1);
    }
    const data = deflateSync(rows, { level: 9 });
    if (shown === null) chunks.push(chunk('IDAT', data));
    else {
      const numbered = Buffer.alloc(4);
      numbered.writeUInt32BE(sequence++, 0);
      chunks.push(chunk('fdAT', Buffer.concat([numbered, data])));
    }
    shown = indices;
  }
  return Buffer.concat([SIGNATURE, ...chunks, chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, body: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const file = Buffer.alloc(typed.length + 8);
  file.writeUInt32BE(body.length, 0);
  typed.copy(file, 4);
  file.writeUInt32BE(crc32(typed), typed.length + 4);
  return file;
}

/** At least one pixel: a frame of nothing is not allowed. */
function changedBox(before: Uint8Array, after: Uint8Array, width: number, height: number) {
  let [left, right, top, bottom] = [width, 0, height, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (before[y * width + x] === after[y * width + x]) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
  }
  if (left > right) return { x: 0, y: 0, width: 1, height: 1 };
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The 256 most frequent of 32,768 colours; every other one is shown as the nearest of them. */
function paletteOf(pictures: readonly Picture[]) {
  const sums = new Map<number, { count: number; red: number; green: number; blue: number }>();
  for (const { pixels } of pictures) {
    for (let i = 0; i < pixels.length; i += 4) {
      const [red = 0, green = 0, blue = 0] = pixels.subarray(i, i + 3);
      const known = sums.get(coarse(red, green, blue)) ?? { count: 0, red: 0, green: 0, blue: 0 };
      sums.set(coarse(red, green, blue), {
        count: known.count + 1,
        red: known.red + red,
        green: known.green + green,
        blue: known.blue + blue,
      });
    }
  }
  const colours = [...sums.values()]
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 256)
    .map(({ count, red, green, blue }) => [red / count, green / count, blue / count].map(Math.round));
  const nearest = new Map<number, number>();
  const indexOf = (red: number, green: number, blue: number): number => {
    const key = coarse(red, green, blue);
    let found = nearest.get(key);
    if (found === undefined) {
      const distances = colours.map(([r = 0, g = 0, b = 0]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2);
      found = distances.indexOf(Math.min(...distances));
      nearest.set(key, found);
    }
    return found;
  };
  return {
    bytes: Buffer.from(colours.flat()),
    indicesOf({ pixels, width, height }: Picture): Uint8Array {
      const indices = new Uint8Array(width * height);
      for (let i = 0; i < indices.length; i++) {
        indices[i] = indexOf(pixels[i * 4] ?? 0, pixels[i * 4 + 1] ?? 0, pixels[i * 4 + 2] ?? 0);
      }
      return indices;
    },
  };
}

function coarse(red: number, green: number, blue: number): number {
  return ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3);
}
