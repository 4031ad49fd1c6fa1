import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';

/** Enough to tell files apart: most begin with a time. */
export const HEAD_BYTES = 256;

/** The first bytes of a file, as many as there are. */
export async function headOf(handle: FileHandle, bytes: number): Promise<Buffer> {
  const head = Buffer.alloc(bytes);
  const { bytesRead } = await handle.read(head, 0, bytes, 0);
  return head.subarray(0, bytesRead);
}

export function hashOf(head: Buffer): string {
  return createHash('sha256').update(head).digest('hex');
}
