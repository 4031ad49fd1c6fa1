// Before the first schema is made: the page forbids what zod would try.
import '../../../bridge/no-eval.ts';
import { readJson, type Place } from './json-places.ts';

/** A mistake on its line, as the editor lists it. */
export interface TextMistake extends Place {
  readonly message: string;
}

export type CheckedText<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistakes: readonly TextMistake[] };

/** The part of a schema that is needed here. */
interface TextSchema<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false;
        readonly error: {
          readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
        };
      };
}

/** Text against a schema: every mistake with its line and column, in the order of the text. */
export function checkText<T>(text: string, schema: TextSchema<T>): CheckedText<T> {
  const read = readJson(text);
  if (!read.ok) return { ok: false, mistakes: [{ ...read.place, message: read.message }] };
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const mistakes = parsed.error.issues.map(({ path, message }) => ({
    ...read.placeOf(path),
    message: `${path.length === 0 ? 'the document' : path.map(String).join('.')}: ${message}`,
  }));
  return { ok: false, mistakes: mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}
