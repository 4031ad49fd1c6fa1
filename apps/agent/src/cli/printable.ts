/**
 * Text from outside, made safe for a terminal: control characters (ANSI and OSC sequences start with one), bidirectional
 * overrides and zero-width characters become visible escapes, so that a log line can neither move the cursor nor hide.
 */
export function printable(text: string): string {
  return text.replaceAll(
    // C0, DEL and C1 controls; soft hyphen; zero-width; line and paragraph separators; bidi marks, embeddings and isolates; BOM; lone surrogates.
    /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
