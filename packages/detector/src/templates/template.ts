import { type LineScan, VARIABLE } from './line-scan.ts';

/** How a variable is written in a template's text. */
export const VARIABLE_TEXT = '<*>';

/** One kind of message. */
export interface Template {
  /** Counted up by the miner that saw it first; survives a restart. */
  readonly id: number;
  /** The same in every process that knows this template: `templateKey`. */
  readonly key: string;
  /** Token codes as in `LineScan`. */
  readonly codes: Int32Array;
  /** Per token its text, with a blank before it where the message has one. */
  readonly texts: readonly string[];
  /** Whether words were found to be a variable: then other words match there too. */
  isGeneralised: boolean;
  /** Lines seen. */
  hits: number;
  /** Lines seen, halved at each eviction: what was busy once gives way to what is busy now. */
  weight: number;
  /** Number of the line that matched last. */
  lastLine: number;
  /** The template that this one was merged into. */
  into: Template | null;
  /** Where the miner keeps it. */
  slot: number;
}

/** `Failed password for <*> from <*> port <*>` */
export function templateText(texts: readonly string[]): string {
  return texts.join('').trim();
}

/**
 * The same for the same template in every process: 64 bits of its tokens in hex.
 * @param salt 0, unless another template has the key already
 */
export function templateKey(codes: Int32Array, salt: number): string {
  let low = codes.length ^ Math.imul(salt, 0x6a09_e667);
  let high = 0x5bd1e995;
  for (const code of codes) {
    low = Math.imul(low ^ code, -1_640_531_535);
    low ^= low >>> 15;
    high = Math.imul(high ^ (code + (low >>> 3)), 0x27d4eb2f);
    high ^= high >>> 13;
  }
  return `${hex(high)}${hex(low)}`;
}

function hex(half: number): string {
  return (half >>> 0).toString(16).padStart(8, '0');
}

/** The texts of the tokens that were scanned last. */
export function tokenTexts(scan: LineScan, bytes: Uint8Array): string[] {
  return Array.from({ length: scan.length }, (_, i) => {
    const from = scan.starts[i];
    const gap = i > 0 && from > scan.ends[i - 1] ? ' ' : '';
    return gap + (scan.codes[i] === VARIABLE ? VARIABLE_TEXT : utf8(bytes, from, scan.ends[i]));
  });
}

/** The texts with a variable wherever `codes` have one. */
export function withVariables(texts: readonly string[], codes: Int32Array): string[] {
  return texts.map((text, i) => {
    if (codes[i] !== VARIABLE) return text;
    return text.startsWith(' ') ? ` ${VARIABLE_TEXT}` : VARIABLE_TEXT;
  });
}

/** UTF-8 to text without a platform's decoder; bytes that are none become U+FFFD. */
function utf8(bytes: Uint8Array, from: number, to: number): string {
  const word = bytes.subarray(from, to);
  const text = String.fromCharCode(...word);
  if (word.every((byte) => byte < 128)) return text;
  const escaped = Array.from(word, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return text.replace(/[\u0080-\u00ff]/g, '\ufffd');
  }
}
