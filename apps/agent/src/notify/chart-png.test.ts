import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chartPng } from './chart-png.ts';
import { aNotice } from './testing/a-notice.ts';

const chart = aNotice().chart;
if (chart === null) throw new Error('the builder gives a chart');

/** Chunks by type; throws where a length or a checksum is wrong. */
function chunksOf(png: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(png);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const named = bytes.subarray(at + 4, at + 8 + length);
    if (crc32(named) !== bytes.readUInt32BE(at + 8 + length)) throw new Error('checksum');
    chunks.set(named.toString('latin1', 0, 4), named.subarray(4));
    at += 12 + length;
  }
  return chunks;
}

function coloursOf(png: Uint8Array): Set<string> {
  const rows = inflateSync(chunksOf(png).get('IDAT') ?? Buffer.alloc(0));
  const stride = 720 * 3 + 1;
  const colours = new Set<string>();
  for (let at = 0; at < rows.length; at += stride)
    for (let x = at + 1; x < at + stride; x += 3) colours.add(rows.subarray(x, x + 3).toString('hex'));
  return colours;
}

describe('the chart of a message', () => {
  it('is a PNG whose checksums hold', () => {
    const png = chartPng(chart) ?? new Uint8Array();
    const chunks = chunksOf(png);
    expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(chunks.get('IHDR')?.readUInt32BE(0)).toBe(720);
    expect(png.length).toBeLessThan(20_000);
  });

  it('shows in red what is outside its band, and nothing in red where all is well', () => {
    const outside = Buffer.of(255, 107, 107).toString('hex');
    expect(coloursOf(chartPng(chart) ?? new Uint8Array())).toContain(outside);
    const calm = { ...chart, value: chart.value.map(() => 5) };
    expect(coloursOf(chartPng(calm) ?? new Uint8Array())).not.toContain(outside);
  });

  it('is not drawn where there is nothing to see', () => {
    expect(chartPng({ ...chart, t: [1], value: [1] })).toBeNull();
    const nulls = chart.t.map(() => null);
    expect(chartPng({ ...chart, value: nulls, lower: nulls, upper: nulls })).toBeNull();
  });
});
