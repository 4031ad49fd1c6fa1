import type { Variables } from './variables.ts';

export type LineLevel = 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** One thing that a service says, with its variables. */
export interface Template {
  readonly level: LineLevel;
  /** How often, relative to the other templates it is drawn among. */
  readonly weight: number;
  /** The message; may hold several lines and any character. */
  readonly text: (v: Variables) => string;
  readonly status?: number;
  readonly errorCode?: string;
}

/** The templates of one kind of line, drawn in proportion to their weights. */
export class TemplateDeck {
  readonly #templates: readonly Template[];
  readonly #reach: Float64Array;

  constructor(templates: readonly Template[]) {
    const sum = templates.reduce((total, { weight }) => total + weight, 0);
    let reached = 0;
    this.#templates = templates;
    this.#reach = Float64Array.from(templates, ({ weight }) => (reached += weight / sum));
  }

  /** `point` is a number in [0, 1). */
  at(point: number): Template {
    let index = 0;
    while (index < this.#reach.length - 1 && this.#reach[index] <= point) index++;
    return this.#templates[index];
  }
}
