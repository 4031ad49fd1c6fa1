/** The UTF-8 bytes of a text, without a platform's encoder. */
export function bytesOf(text: string): Uint8Array {
  const binary = encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}
