import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

/** Larger than Node's 16 KiB: fewer turns of the event loop per body. */
const OUTPUT_CHUNK_BYTES = 64 * 1024;

/** Encodings that are taken, each with its decoder. `createUnzip` reads both gzip and zlib headers. */
const DECODERS = {
  gzip: () => zlib.createUnzip({ chunkSize: OUTPUT_CHUNK_BYTES }),
  deflate: () => zlib.createUnzip({ chunkSize: OUTPUT_CHUNK_BYTES }),
  zstd: () => zlib.createZstdDecompress({ chunkSize: OUTPUT_CHUNK_BYTES }),
} as const satisfies Record<string, () => Transform>;

export const ACCEPTED_ENCODINGS = Object.keys(DECODERS).join(', ');

const IDENTITY = { type: 'identity' } as const;

export type ContentDecoding =
  | { readonly type: 'identity' }
  | { readonly type: 'encoded'; createDecoder(): Transform }
  | { readonly type: 'unsupported' };

/** One layer at most: `gzip, gzip` is how a bomb hides from a limit. */
export function contentDecoding(header: string | undefined): ContentDecoding {
  if (header === undefined) return IDENTITY;
  const name = header.trim().toLowerCase();
  if (name === '' || name === 'identity') return IDENTITY;
  const createDecoder = Object.entries(DECODERS).find(([encoding]) => encoding === name)?.[1];
  return createDecoder === undefined ? { type: 'unsupported' } : { type: 'encoded', createDecoder };
}
