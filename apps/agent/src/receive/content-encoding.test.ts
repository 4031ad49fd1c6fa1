import { describe, expect, it } from 'vitest';
import { contentDecoding } from './content-encoding.ts';

describe('contentDecoding', () => {
  it.each([undefined, '', 'identity'])('takes %j as it is', (header) => {
    expect(contentDecoding(header).type).toBe('identity');
  });
  it.each(['gzip', 'GZIP', ' deflate', 'zstd'])('decodes %j', (header) => {
    expect(contentDecoding(header).type).toBe('encoded');
  });
  it.each(['br', 'gzip, gzip', 'constructor', '__proto__', 'x'])('does not take %j', (header) => {
    expect(contentDecoding(header).type).toBe('unsupported');
  });
});
