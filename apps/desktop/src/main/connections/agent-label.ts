/** How an agent calls itself is text from outside that ends up in chips, menus and window titles. */
const MAX_NAME_LENGTH = 60;
const MAX_CODE_LENGTH = 6;

/** Printable, on one line, without characters that turn the direction of what stands beside them. */
export function agentLabel(
  said: { readonly name: string; readonly code: string },
  fallback: string,
): { readonly name: string; readonly code: string } {
  const name = printable(said.name).slice(0, MAX_NAME_LENGTH) || fallback;
  const code = printable(said.code).slice(0, MAX_CODE_LENGTH) || name.slice(0, 2).toUpperCase();
  return { name, code };
}

function printable(text: string): string {
  // Cc: control, Cf: format (bidi overrides, zero width), Zl and Zp: line and paragraph separators; Co, Cs, Cn: no glyph.
  return text
    .slice(0, 1000)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim();
}
