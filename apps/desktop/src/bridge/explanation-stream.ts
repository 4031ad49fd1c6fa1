import { ExplainMessageSchema, type ExplainMessage } from '@sentinellog/shared';
import type { Answer } from './calls.ts';
import { LineSplitter } from './line-splitter.ts';

export const EXPLAIN_PATH = '/v1/ranges:explain';
/** 200 rows in a few versions each, and progress; more than that is no explanation. */
const MAX_MESSAGES = 5000;
/** A row carries samples of 2,000 characters and values; a line beyond this is not one. */
const MAX_LINE_CHARACTERS = 1024 * 1024;

/**
 * Reads an explanation as the agent streams it, one JSON message a line, and believes nothing: each is checked, their
 * number and length are bounded, and only one that says `done` is whole.
 */
export async function readExplanation(
  chunks: AsyncIterable<string>,
  onMessage: (message: ExplainMessage) => void,
): Promise<Answer<null>> {
  const splitter = new LineSplitter();
  let messages = 0;
  let isDone = false;
  const take = (line: string): boolean => {
    if (line.trim() === '') return true;
    const parsed = parseMessage(line);
    if (parsed === null || ++messages > MAX_MESSAGES) return false;
    if (parsed.type === 'done') isDone = true;
    onMessage(parsed);
    return true;
  };
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk);
    if (splitter.restLength > MAX_LINE_CHARACTERS || !lines.every(take)) return UNREADABLE;
  }
  if (!splitter.end().every(take)) return UNREADABLE;
  return isDone ? { ok: true, value: null } : CUT_OFF;
}

function parseMessage(line: string): ExplainMessage | null {
  try {
    const parsed = ExplainMessageSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const UNREADABLE: Answer<never> = {
  ok: false,
  error: {
    code: 'invalid_answer',
    detail: 'The agent explained the range with something that this console does not know: update the older of the two',
    retryable: false,
  },
};
const CUT_OFF: Answer<never> = {
  ok: false,
  error: {
    code: 'cut_off',
    detail: 'The explanation ended early: what is shown is true and not all. Ask again',
    retryable: true,
  },
};
