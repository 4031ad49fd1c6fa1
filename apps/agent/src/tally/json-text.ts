import type { EventText } from './event-scan.ts';
import { FIELD_NAMES } from './field-map.ts';

/** Cold: message and trace of an event that is a JSON object; the whole text where it carries no message. */
export function jsonText(text: string): EventText {
  const fields = fieldsOf(text);
  const message = firstText(fields, FIELD_NAMES.message) ?? text;
  const traceId = firstText(fields, FIELD_NAMES.traceId);
  return traceId === undefined ? { message } : { message, traceId };
}

/** What a shipper sends as a line of text is often the JSON of a logger: then the message is in there. */
export function lineText(line: string): EventText {
  if (!line.startsWith('{')) return { message: line };
  try {
    return jsonText(line);
  } catch (error) {
    if (error instanceof SyntaxError) return { message: line };
    throw error;
  }
}

export function bytesText(body: Uint8Array, start: number, end: number): string {
  return Buffer.from(body.buffer, body.byteOffset + start, end - start).toString('utf8');
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  const event: unknown = JSON.parse(text);
  return new Map(Object.entries(typeof event === 'object' && event !== null ? event : {}));
}

function firstText(fields: ReadonlyMap<string, unknown>, names: readonly string[]): string | undefined {
  const value = names.map((name) => fields.get(name)).find((found) => found !== undefined && found !== null);
  if (value === undefined) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
