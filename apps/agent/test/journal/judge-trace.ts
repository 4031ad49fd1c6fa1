/** Head of a block as `strace -xx` prints it: the marker, 12 bytes that do not matter here, the number of records. */
const BLOCK = /"\\xf7\\x53\\x4c\\xfb\\x42\\x4b\\xff\\x0a(?:\\x[0-9a-f]{2}){12}((?:\\x[0-9a-f]{2}){4})/g;
/** A file descriptor of a file that ends in `.slj`; `-xx` prints paths like everything else. */
const SEGMENT = /<([^<>]+\\x2e\\x73\\x6c\\x6a)>/;
/** `HTTP/1.1 202` */
const ACCEPTED = '"\\x48\\x54\\x54\\x50\\x2f\\x31\\x2e\\x31\\x20\\x32\\x30\\x32';

export interface TraceVerdict {
  readonly answers: number;
  readonly flushes: number;
  /** Answers at whose beginning fewer records had been flushed than answers had been given. */
  readonly early: readonly string[];
}

/**
 * Reads a trace of one process in the kernel's order (`strace -f -xx -y`). A record counts as flushed when an fdatasync
 * of its segment that began after its write had ended has ended well; an answer counts from the moment its write began.
 */
export function judgeTrace(lines: readonly string[]): TraceVerdict {
  /** Records written and not yet part of a flush, by segment. */
  const written = new Map<string, number>();
  const begunWrites = new Map<string, string>();
  const begunFlushes = new Map<string, { path: string; records: number }>();
  let flushed = 0;
  let flushes = 0;
  let answers = 0;
  const early: string[] = [];

  const endWrite = (text: string): void => {
    const path = SEGMENT.exec(text)?.[1];
    if (path === undefined) return;
    const records = [...text.matchAll(BLOCK)].reduce((sum, [, bytes]) => sum + littleEndian(bytes ?? ''), 0);
    written.set(path, (written.get(path) ?? 0) + records);
  };
  const beginFlush = (thread: string, text: string): void => {
    const path = SEGMENT.exec(text)?.[1];
    if (path !== undefined) begunFlushes.set(thread, { path, records: written.get(path) ?? 0 });
  };
  const endFlush = (thread: string, line: string): void => {
    const flush = begunFlushes.get(thread);
    begunFlushes.delete(thread);
    if (flush === undefined || !line.endsWith('= 0')) return;
    flushes++;
    flushed += flush.records;
    written.set(flush.path, (written.get(flush.path) ?? 0) - flush.records);
  };

  for (const line of lines) {
    // strace pads the thread's number to five places.
    const [thread = '', , call = ''] = line.split(/ +/, 3);
    const isResumed = call === '<...';
    const isBegun = line.endsWith('<unfinished ...>');
    if (line.includes(ACCEPTED) && !isResumed) {
      answers++;
      if (answers > flushed) early.push(line.slice(0, 120));
    } else if (isResumed && line.includes('fdatasync resumed')) endFlush(thread, line);
    else if (isResumed && begunWrites.has(thread)) {
      endWrite((begunWrites.get(thread) ?? '') + line);
      begunWrites.delete(thread);
    } else if (call.startsWith('fdatasync(')) {
      beginFlush(thread, line);
      if (!isBegun) endFlush(thread, line);
    } else if (call.startsWith('pwrite') && isBegun) begunWrites.set(thread, line);
    else if (call.startsWith('pwrite')) endWrite(line);
  }
  return { answers, flushes, early };
}

function littleEndian(escaped: string): number {
  return Buffer.from(escaped.replaceAll('\\x', ''), 'hex').readUInt32LE();
}
