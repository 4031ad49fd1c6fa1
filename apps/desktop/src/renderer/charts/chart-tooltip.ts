import type { Readout } from './chart-readout.ts';

/** How far the box keeps from the crosshair. */
const OFFSET_PX = 14;

/**
 * The box at the cursor. It is written to directly, once a frame at most: numbers that follow the pointer are no
 * business of React's. Text goes in as text nodes only.
 */
export class ChartTooltip {
  readonly #box: HTMLElement;
  #shown = '';

  constructor(box: HTMLElement) {
    this.#box = box;
  }

  hide(): void {
    this.#box.hidden = true;
  }

  show({ title, rows }: Readout, left: number): void {
    const box = this.#box;
    const text = [title, ...rows.map(({ label, value }) => `${label} ${value}`)].join('\n');
    if (text !== this.#shown || box.hidden) {
      this.#shown = text;
      this.#write(title, rows);
    }
    const room = (box.parentElement?.clientWidth ?? 0) - left;
    const x = room > box.offsetWidth + 2 * OFFSET_PX ? left + OFFSET_PX : left - box.offsetWidth - OFFSET_PX;
    box.style.transform = `translate(${Math.round(x)}px, 26px)`;
  }

  #write(title: string, rows: Readout['rows']): void {
    const box = this.#box;
    const head = document.createElement('p');
    head.className = 'chart-tooltip-title';
    head.textContent = title;
    const list = document.createElement('dl');
    for (const { label, value, colour } of rows) {
      const term = document.createElement('dt');
      if (colour !== null) {
        const swatch = document.createElement('i');
        swatch.style.background = `var(--color-cluster-${(colour % 6) + 1})`;
        term.append(swatch);
      }
      term.append(label);
      const detail = document.createElement('dd');
      detail.textContent = value;
      list.append(term, detail);
    }
    box.replaceChildren(head, list);
    box.hidden = false;
  }
}
