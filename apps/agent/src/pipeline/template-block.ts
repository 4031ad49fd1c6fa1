import type { BlockLevel } from '@sentinellog/shared';

/** Additive change of one stored block of template counts since the last checkpoint, encoded. */
export interface TemplateBlockDelta {
  readonly sourceId: string;
  readonly level: BlockLevel;
  /** Unix second at which the block starts; a multiple of its span (BLOCK_LEVELS). */
  readonly start: number;
  readonly body: Uint8Array;
}

const VERSION = 1;
const ID_BYTES = 8;
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Events per template and slot (second, minute or hour) of one source over one minute, hour or day: the companion of
 * FrameBlock. Sparse, as most templates are silent most of the time. Blocks of the same source, level and start merge
 * by addition.
 */
export class TemplateBlock {
  /** By template id (16 hex digits): slot, events, slot, events … with slots ascending. */
  readonly rows = new Map<string, number[]>();

  /** Adds events to a slot. */
  add(templateId: string, slot: number, events: number): void {
    let row = this.rows.get(templateId);
    if (row === undefined) this.rows.set(templateId, (row = []));
    let at = row.length;
    while (at > 0 && row[at - 2] > slot) at -= 2;
    if (at > 0 && row[at - 2] === slot) row[at - 1] += events;
    else row.splice(at, 0, slot, events);
  }

  merge(other: TemplateBlock): void {
    for (const [templateId, row] of other.rows) {
      for (let i = 0; i < row.length; i += 2) this.add(templateId, row[i], row[i + 1]);
    }
  }

  /** What is left without `other`, which must be contained; undefined when nothing is. */
  without(other: TemplateBlock): TemplateBlock | undefined {
    const negative = new TemplateBlock();
    negative.merge(this);
    for (const [templateId, row] of other.rows) {
      for (let i = 0; i < row.length; i += 2) negative.add(templateId, row[i], -row[i + 1]);
    }
    const rest = new TemplateBlock();
    for (const [templateId, row] of negative.rows) {
      for (let i = 0; i < row.length; i += 2) {
        if (row[i + 1] < 0) throw new Error(`template ${templateId} lost counts: take back what was taken first`);
        if (row[i + 1] > 0) rest.add(templateId, row[i], row[i + 1]);
      }
    }
    return rest.rows.size === 0 ? undefined : rest;
  }

  /** Version, then per template its id (8 bytes) and pairs of (slots since the last one, events), as unsigned LEB128. */
  encode(): Uint8Array {
    const out: number[] = [VERSION];
    for (const [templateId, row] of this.rows) {
      pushId(out, templateId);
      pushVarint(out, row.length / 2);
      let before = 0;
      for (let i = 0; i < row.length; i += 2) {
        pushVarint(out, row[i] - before);
        pushVarint(out, row[i + 1]);
        before = row[i]!;
      }
    }
    return Uint8Array.from(out);
  }

  static decode(bytes: Uint8Array): TemplateBlock {
    const block = new TemplateBlock();
    const cursor = new VarintCursor(bytes);
    if (cursor.byte() !== VERSION) throw new Error('a block of template counts is of a newer version than this agent');
    while (!cursor.isAtEnd) {
      const row: number[] = [];
      block.rows.set(cursor.id(), row);
      let slot = 0;
      for (let pairs = cursor.varint(); pairs > 0; pairs--) {
        slot += cursor.varint();
        row.push(slot, cursor.varint());
      }
    }
    return block;
  }
}

export function pushVarint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}

/** A template id as eight bytes. */
export function pushId(out: number[], templateId: string): void {
  for (let at = 0; at < 2 * ID_BYTES; at += 2) {
    out.push((nibble(templateId.charCodeAt(at)) << 4) | nibble(templateId.charCodeAt(at + 1)));
  }
}

function nibble(letter: number): number {
  return letter < 0x3a ? letter - 0x30 : letter - 0x57;
}

/** Reads what the two above have written; throws where the bytes end too early. */
export class VarintCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error('stored template counts are damaged: they end inside a number');
    return byte;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  id(): string {
    let id = '';
    for (let i = 0; i < ID_BYTES; i++) id += HEX[this.byte()];
    return id;
  }
}
