import { describe, expect, it } from 'vitest';
import { judgeTrace } from './judge-trace.ts';

const SEGMENT = '26<\\x2f\\x6a\\x2f\\x30\\x2e\\x73\\x6c\\x6a>';
const block = (records: number) =>
  `[{iov_base="\\xf7\\x53\\x4c\\xfb\\x42\\x4b\\xff\\x0a${'\\x00'.repeat(12)}\\x0${records}\\x00\\x00\\x00"..., iov_len=76}], 1, 192`;
const write = (records: number) => `7 1.0 pwritev(${SEGMENT}, ${block(records)}) = 300`;
const FLUSH = `8 1.1 fdatasync(${SEGMENT}) = 0`;
const FLUSH_BEGINS = `8 1.1 fdatasync(${SEGMENT} <unfinished ...>`;
const FLUSH_ENDS = '8 1.2 <... fdatasync resumed>) = 0';
const ANSWER =
  '1 1.3 write(29<socket:[1]>, "\\x48\\x54\\x54\\x50\\x2f\\x31\\x2e\\x31\\x20\\x32\\x30\\x32"..., 210) = 210';

describe('the judge of a trace', () => {
  it('is content when every answer follows its flush', () => {
    const trace = [write(2), FLUSH, ANSWER, ANSWER, write(1), FLUSH_BEGINS, FLUSH_ENDS, ANSWER];
    expect(judgeTrace(trace)).toEqual({ answers: 3, flushes: 2, early: [] });
  });

  it('reads a trace whose thread numbers are padded', () => {
    const trace = [write(1), FLUSH, ANSWER].map((line) => line.replace(' ', '     '));
    expect(judgeTrace(trace)).toEqual({ answers: 1, flushes: 1, early: [] });
  });

  it.each([
    ['before any flush', [write(1), ANSWER, FLUSH]],
    ['while the flush is under way', [write(1), FLUSH_BEGINS, ANSWER, FLUSH_ENDS]],
    ['when the flush failed', [write(1), `${FLUSH.slice(0, -1)}-1 EIO (Input/output error)`, ANSWER]],
    ['when the write came after the flush had begun', [FLUSH_BEGINS, write(1), FLUSH_ENDS, ANSWER]],
    ['when there are more answers than records', [write(1), FLUSH, ANSWER, ANSWER]],
  ])('finds an answer %s', (_, trace) => {
    expect(judgeTrace(trace).early).toHaveLength(1);
  });
});
