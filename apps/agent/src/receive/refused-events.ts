import type { EventError } from '@sentinellog/shared';
import type { RecordFormat } from '../pipeline/ingest-record.ts';
import { readTextHead } from '../pipeline/text-reading.ts';

/** Of one event; more says nothing more about what is wrong with it. */
const MAX_EVENT_CHARACTERS = 8192;
const LF = 0x0a;

/**
 * Cold: the texts of the events that a scan refused, found again by their line (or, in an array, their element). Empty
 * for formats whose senders are told which events were refused.
 * @param errors with lines from 1; as many as an answer names
 */
export function refusedTexts(format: RecordFormat, body: Uint8Array, errors: readonly EventError[]): readonly string[] {
  const start = startOf(format, body);
  return start < 0 ? [] : textsOf(body, start, errors);
}

/** Where the text begins; −1 for formats of which no dead letters are kept. */
function startOf(format: RecordFormat, body: Uint8Array): number {
  if (format === 'json') return 0;
  return format === 'mapped-json' || format === 'text' ? (readTextHead(body)?.start ?? 0) : -1;
}

function textsOf(body: Uint8Array, start: number, errors: readonly EventError[]): readonly string[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset + start, body.length - start);
  const elements = elementsOf(bytes);
  if (elements !== undefined) return errors.map(({ line }) => cut(JSON.stringify(elements[line - 1] ?? null)));
  const texts: string[] = [];
  let line = 1;
  let at = 0;
  for (const { line: wanted } of errors) {
    while (line < wanted && at < bytes.length) {
      const newline = bytes.indexOf(LF, at);
      at = newline < 0 ? bytes.length : newline + 1;
      line++;
    }
    const newline = bytes.indexOf(LF, at);
    const end = newline < 0 ? bytes.length : newline;
    texts.push(cut(bytes.toString('utf8', at, Math.min(end, at + MAX_EVENT_CHARACTERS * 4))));
  }
  return texts;
}

/** Undefined for what is no (whole) array: lines. */
function elementsOf(bytes: Buffer): readonly unknown[] | undefined {
  if (bytes.subarray(0, 64).toString('latin1').trimStart()[0] !== '[') return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_EVENT_CHARACTERS);
}
