import type { MinedTemplate } from '@sentinellog/detector';
import type { SourceTemplates } from './source-templates.ts';

/** As many examples of a template are kept. */
const MAX_EXAMPLES = 5;
const MAX_EXAMPLE_CHARACTERS = 2000;
/** Lines that are looked at for an example that is not kept yet: a constant message has only one. */
const EXAMPLE_TRIES = 20;

/** A template as the tally knows it: while the miner has it, and for as long as a source remembers having used it. */
export class TemplateRecord {
  /** Sixteen hex digits, the same in every process. */
  readonly id: string;
  /** Counted up in this process: keys of counters. */
  readonly number: number;
  /** The miner's side; null of a template that it has given up. */
  mined: MinedTemplate | null = null;
  /** The template that this one was merged into. */
  into: TemplateRecord | null = null;
  readonly sources = new Set<SourceTemplates>();
  text = '';
  examples: string[] = [];
  /** To be written with the next checkpoint. */
  changed = false;
  isGeneralised = false;
  #tries = 0;

  constructor(id: string, number: number) {
    this.id = id;
    this.number = number;
  }

  /** A line of this template, as it was received. */
  offer(line: Uint8Array): void {
    if (this.examples.length >= MAX_EXAMPLES || this.#tries >= EXAMPLE_TRIES) return;
    this.#tries++;
    const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8');
    const example = text.slice(0, MAX_EXAMPLE_CHARACTERS);
    if (this.examples.includes(example)) return;
    this.examples.push(example);
    this.changed = true;
  }
}

/** The record that a merged one's lines are counted under now. */
export function current(record: TemplateRecord): TemplateRecord {
  let at = record;
  while (at.into !== null) at = at.into;
  return at;
}
