/** What is asked of an event. Made by `parseQuery`; plain data, so that it crosses to other threads. */
export type Query =
  | { readonly type: 'any' }
  | { readonly type: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly type: 'not'; readonly part: Query }
  /** Some value of the event, whatever its field. */
  | { readonly type: 'value'; readonly test: TextTest }
  | { readonly type: 'field'; readonly field: string; readonly test: FieldTest };

export type TextTest =
  /** @see foldCase: `text` is folded already. */
  | { readonly type: 'contains'; readonly text: string }
  | { readonly type: 'pattern'; readonly source: string; readonly ignoresCase: boolean };

export type FieldTest =
  | TextTest
  /** The whole value, folded. The pieces lie in this order in it with anything between; one piece is the value itself. */
  | { readonly type: 'is'; readonly pieces: readonly string[] }
  | { readonly type: 'compares'; readonly operator: Comparison; readonly number: number };

export const COMPARISONS = ['>=', '<=', '>', '<'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Two characters whose lower case is, or holds, a letter of ASCII: İ and the sign for Kelvin. */
const FALSE_FRIENDS = /[\u0130\u212a]/;

/**
 * Lower case, but a character that is not ASCII never becomes one that is: what is searched for in raw bytes must be
 * there, in one case or the other, whenever the folded text holds it.
 */
export function foldCase(text: string): string {
  if (!FALSE_FRIENDS.test(text)) return text.toLowerCase();
  return text.replaceAll(/[^\u0130\u212a]+/g, (part) => part.toLowerCase());
}
