import { visiblePieces } from '../words/visible-text.ts';

/** Hostile text as text nodes only; what could hide or reorder it is shown as an escape. */
export function LogText({ text }: { readonly text: string }) {
  let at = 0;
  return visiblePieces(text).map((piece) => {
    const key = at;
    at += piece.text.length;
    return piece.escaped ? (
      <span className="rounded-sm bg-bg-3 text-lv-warn" key={key}>
        {piece.text}
      </span>
    ) : (
      piece.text
    );
  });
}
