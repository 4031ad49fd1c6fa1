import type { LineScan } from './line-scan.ts';
import { VARIABLE } from './line-scan.ts';

/** How a variable is written in a template's text. */
export const VARIABLE_TEXT = '<*>';

/** One kind of message. */
export interface Template {
  /** Counted up by the miner that saw it first; survives a restart. */
  readonly id: number;
  /** Token codes as in `LineScan`. */
  readonly codes: Int32Array;
  /** Per token its text, with a blank before it where the message has one. */
  readonly texts: readonly string[];
  /** Whether words were found to be a variable: then other words match there too. */
  readonly isGeneralised: boolean;
  /** Lines seen. */
  hits: number;
  /** Lines seen, halved at each eviction: what was busy once gives way to what is busy now. */
  weight: number;
  /** Number of the line that matched last. */
  lastLine: number;
  /** The template that this one was merged into. */
  into: Template | null;
}

/** The template as people read it: `Failed password for <*> from <*> port <*>`. */
export function templateText(template: Pick<Template, 'texts'>): string {
  return template.texts.join('').trim();
}

/** The same for the same template in every process: 64 bits of its tokens in hex. */
export function templateKey({ codes }: Pick<Template, 'codes'>): string {
  let low = codes.length;
  let high = 0x5bd1e995;
  for (const code of codes) {
    low = Math.imul(low ^ code, -1_640_531_535);
    low ^= low >>> 15;
    high = Math.imul(high ^ (code + (low >>> 3)), 0x27d4eb2f);
    high ^= high >>> 13;
  }
  const hex = (half: number) => (half >>> 0).toString(16).padStart(8, '0');
  return `${hex(high)}${hex(low)}`;
}

/** The texts of the tokens that were scanned last. */
export function tokenTexts(scan: LineScan, bytes: Uint8Array): string[] {
  return Array.from({ length: scan.length }, (_, i) => {
    const from = scan.starts[i]!;
    const gap = i > 0 && from > scan.ends[i - 1]! ? ' ' : '';
    return gap + (scan.codes[i] === VARIABLE ? VARIABLE_TEXT : utf8(bytes, from, scan.ends[i]!));
  });
}

/** UTF-8 to text without a platform's decoder; bytes that are none become U+FFFD. */
function utf8(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  let isAscii = true;
  for (let at = from; at < to; at++) {
    if (bytes[at]! >= 128) isAscii = false;
    text += String.fromCharCode(bytes[at]!);
  }
  if (isAscii) return text;
  const escaped = Array.from(bytes.subarray(from, to), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return text.replace(/[\u0080-\u00ff]/g, '\ufffd');
  }
}
