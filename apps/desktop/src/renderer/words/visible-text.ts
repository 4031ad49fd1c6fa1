/**
 * Log text is written by whoever can reach a logger. Control characters, bidirectional overrides and invisible ones
 * can hide or reorder what a person reads ("Trojan Source", CVE-2021-42574), so they are shown as escapes.
 * Tabs stay: they are common and harmless.
 */
const UNSEEN = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export interface TextPiece {
  readonly text: string;
  /** True for what stands in place of a character that would not be seen as it is. */
  readonly escaped: boolean;
}

/** Splits hostile text into what can be shown and what is shown as an escape such as `\n` or `\u202e`. */
export function visiblePieces(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), escaped: false });
    pieces.push({ text: escapeOf(match[0]), escaped: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), escaped: false });
  return pieces;
}

/** The same as one string, for attributes and titles. */
export function visibleText(text: string): string {
  return visiblePieces(text)
    .map((piece) => piece.text)
    .join('');
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
