/** One tile of diagonal lines, as far apart as the design asks for (8 px). Texture tells a gap, colour does not. */
export function hatchPattern(ctx: CanvasRenderingContext2D, colour: string, ratio: number): CanvasPattern | null {
  const size = Math.round(8 * ratio);
  const tile = new OffscreenCanvas(size, size);
  const pen = tile.getContext('2d');
  if (pen === null) return null;
  pen.strokeStyle = colour;
  pen.lineWidth = ratio;
  pen.beginPath();
  // Three strokes, so that the tile closes on itself at its corners.
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift, size);
    pen.lineTo(shift + size, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, 'repeat');
}
