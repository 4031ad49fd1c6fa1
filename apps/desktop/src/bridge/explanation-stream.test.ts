import type { ExplainMessage } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { readExplanation } from './explanation-stream.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

const LINES = [
  { type: 'progress', done: 1, of: 4 },
  { type: 'remainder', count: 17, expected: 12, clusters: 3 },
  { type: 'done', took_ms: 212 },
];
const STREAM = LINES.map((line) => `${JSON.stringify(line)}\n`).join('');

async function read(text: string, size = 7) {
  const messages: ExplainMessage[] = [];
  const answer = await readExplanation(inPieces(text, size), (message) => messages.push(message));
  return { messages, answer };
}

describe('an explanation from the agent', () => {
  it('is told message by message, however the network cuts it', async () => {
    for (const size of [1, 7, 1000]) {
      const { messages, answer } = await read(STREAM, size);
      expect(messages).toEqual(LINES);
      expect(answer.ok).toBe(true);
    }
  });

  it('is whole without a newline at its end', async () => {
    const { answer } = await read(STREAM.trimEnd());
    expect(answer.ok).toBe(true);
  });

  it('that ends early says so, and may be asked for again', async () => {
    const { messages, answer } = await read(STREAM.split('\n').slice(0, 2).join('\n'));
    expect(messages).toHaveLength(2);
    expect(answer).toMatchObject({ ok: false, error: { code: 'cut_off', retryable: true } });
  });

  it('is given up at the first line that is none of its words', async () => {
    const { messages, answer } = await read(`${STREAM.split('\n')[0]}\n<html>502</html>\n${STREAM}`);
    expect(messages).toHaveLength(1);
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_answer' } });
  });

  it('does not collect a line without an end', async () => {
    const { answer } = await read('x'.repeat(1_100_000), 64 * 1024);
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid_answer' } });
  });
});
