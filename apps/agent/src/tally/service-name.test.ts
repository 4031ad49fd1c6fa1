import { describe, expect, it } from 'vitest';
import { MAX_SERVICE_BYTES, serviceName } from './service-name.ts';

const name = (raw: string | Uint8Array) => {
  const bytes = Buffer.from(raw);
  return serviceName(bytes, 0, bytes.length);
};

describe('serviceName', () => {
  it('decodes escapes', () => {
    expect(name(String.raw`caf\u00e9 \"pay\\ment\"`)).toBe('café "pay\\ment"');
  });

  it('holds nothing that PostgreSQL refuses: NUL, lone surrogates, invalid UTF-8', () => {
    expect(name(String.raw`a\u0000b`)).toBe('a\u{fffd}b');
    expect(name(String.raw`a\ud800b`)).toBe('a\u{fffd}b');
    expect(name(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\u{fffd}b');
  });

  it('cuts long names at a character', () => {
    const cut = name(`x${'é'.repeat(500)}`);
    expect(Buffer.byteLength(cut)).toBe(MAX_SERVICE_BYTES - 1);
    expect(cut.endsWith('é')).toBe(true);
  });
});
