import { useState, type RefObject } from 'react';
import { useBoxSize } from '../../charts/use-box-size.ts';

/** Rows drawn above and below what can be seen, so that a quick scroll finds them there. */
const OVERSCAN = 8;

export interface WindowedRows {
  readonly first: number;
  /** One behind the last. */
  readonly last: number;
  readonly onScroll: () => void;
}

/** Which of `count` rows of one height are worth drawing; the rest is empty space of the right size. */
export function useWindowedRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): WindowedRows {
  const { height } = useBoxSize(scroller);
  const [top, setTop] = useState(0);
  return {
    first: Math.max(0, Math.floor(top / rowHeight) - OVERSCAN),
    last: Math.min(count, Math.ceil((top + height) / rowHeight) + OVERSCAN),
    onScroll: () => setTop(scroller.current?.scrollTop ?? 0),
  };
}

/** Scrolls as little as shows the row whole. */
export function scrollIntoView(scroller: HTMLElement, rowTop: number, rowHeight: number): void {
  const { scrollTop, clientHeight } = scroller;
  if (rowTop < scrollTop) scroller.scrollTop = rowTop;
  else if (rowTop + rowHeight > scrollTop + clientHeight) scroller.scrollTop = rowTop + rowHeight - clientHeight;
}
