/** Log text is hostile (reliability A14): nothing here may become markup, a mention, a link or a new header. */

/** Controls, and marks that hide or reorder text; line breaks are dealt with before. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu;
const ESCAPE = '\u001B';
const BELL = '\u0007';
/** Commands to a terminal, with what they carry. */
const ANSI = new RegExp(`${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?|.)`, 'g');
/** Not visible, but no program takes what it interrupts for an address. */
const BREAK = '\u200B';

/** One line without controls, at most `limit` characters; a cut is shown. */
export function oneLine(text: string, limit: number): string {
  // Cut first: a megabyte need not be cleaned to show 200 characters.
  const cleaned = text
    .slice(0, limit * 4)
    .replaceAll(ANSI, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(INVISIBLE, '')
    .trim();
  return cut(cleaned, limit);
}

/** At most `limit` UTF-16 units, never half a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = limit - 1;
  const whole = /[\uD800-\uDBFF]/.test(text[end - 1]) ? end - 1 : end;
  return `${text.slice(0, whole)}…`;
}

/** What mail programs and chats would turn into a link or a mention by themselves, they leave alone. */
export function unlinked(text: string): string {
  return text
    .replaceAll(/:\/\//g, `:${BREAK}//`)
    .replaceAll(/\b(www|mailto|tel|javascript|data|file|vbscript)([.:])/gi, `$1${BREAK}$2`)
    .replaceAll('@', `@${BREAK}`)
    .replaceAll(/(\w)\.(?=[a-z]{2,}\b)/gi, `$1${BREAK}.`);
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => HTML[character]);
}
