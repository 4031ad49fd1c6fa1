import type { JournalFiles } from './journal-files.ts';

/** Not flushed: for what can be made again. */
export async function writeFile(files: JournalFiles, path: string, parts: readonly Uint8Array[]): Promise<void> {
  const fd = await files.open(path, 'create');
  try {
    await writeAll(files, fd, parts, 0);
  } finally {
    await files.close(fd);
  }
}

/** A disk that fills up first writes short without an error; only the next call fails. */
export async function writeAll(
  files: JournalFiles,
  fd: number,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let rest = buffers.filter(({ length }) => length > 0);
  let at = position;
  while (rest.length > 0) {
    const written = await files.writev(fd, rest, at);
    at += written;
    rest = withoutFirst(rest, written);
  }
}

function withoutFirst(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  for (const [index, buffer] of buffers.entries()) {
    if (skip < buffer.length) return [buffer.subarray(skip), ...buffers.slice(index + 1)];
    skip -= buffer.length;
  }
  return [];
}

/** For steps of a clean-up that may fail on a broken disk and whose failure changes nothing. */
export async function succeeds(step: Promise<unknown>): Promise<boolean> {
  return step.then(
    () => true,
    () => false,
  );
}
