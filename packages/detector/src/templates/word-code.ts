const FNV_PRIME = 16_777_619;
export const FNV_START = -2_128_831_035;

/** One step of the hash by which a word is known (FNV-1a). */
export function stepWord(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, FNV_PRIME);
}

/** The hash of a finished word; never 0…255, which stand for the variable (0) and for punctuation (its byte). */
export function wordCode(hash: number): number {
  return hash >>> 8 === 0 ? hash + 256 : hash;
}

/** The code of a word that is known beforehand. */
export function codeOf(word: string): number {
  let hash = FNV_START;
  for (let i = 0; i < word.length; i++) hash = stepWord(hash, word.charCodeAt(i));
  return wordCode(hash);
}
