/** What a byte is to a log line. A word is a run of bytes without `SEPARATOR`. */
export const SEPARATOR = 1;
export const DIGIT = 2;
export const LETTER = 4;
export const SLASH = 8;
export const DOT = 16;
/** `@`, `\` and `#`: seldom in words people write, common in addresses and paths. */
export const ADDRESS = 32;
/** A letter that no number in hex has. */
export const NOT_HEX = 64;
export const UPPER = 128;

export const BYTE_CLASS: Uint8Array = classify();

function classify(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (letters: string, bits: number) => {
    for (let i = 0; i < letters.length; i++) classes[letters.charCodeAt(i)] |= bits;
  };
  for (let byte = 0; byte <= 32; byte++) classes[byte] = SEPARATOR;
  mark(',;:=|"\'()[]{}<>', SEPARATOR);
  mark('0123456789', DIGIT);
  mark('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', LETTER);
  mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', UPPER);
  mark('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ', NOT_HEX);
  mark('/', SLASH);
  mark('.', DOT);
  mark('@\\#', ADDRESS);
  for (let byte = 128; byte < 256; byte++) classes[byte] |= LETTER | NOT_HEX;
  return classes;
}
