/** Templates whose lines come in the same traces: seen in a bounded sample of their traces, the same whatever the order. */

/**
 * So many traces of a template are kept: those of the lowest hashes, which makes it a sample of all that it came in and
 * not of the first ones (bottom-k sketch, Broder 1997). The share of two samples is off by 1/√64, an eighth.
 */
const TRACES = 64;
/** 1 MB at most; the template that was seen longest ago gives way. */
const MAX_TEMPLATES = 2048;
/** Fewer traces prove nothing. */
const FEWEST_TRACES = 8;

export class TraceKin {
  /** Template → the lowest hashes, ascending. The last seen comes last. */
  readonly #traces = new Map<string, number[]>();

  /** A line of the template came in the trace. */
  saw(templateId: string, traceId: string): void {
    const lowest = this.#traces.get(templateId) ?? [];
    this.#traces.delete(templateId);
    this.#traces.set(templateId, lowest);
    if (this.#traces.size > MAX_TEMPLATES) this.#traces.delete(this.#traces.keys().next().value!);
    const hash = hashOf(traceId);
    if (lowest.length === TRACES && hash >= lowest[TRACES - 1]) return;
    const at = lowest.findIndex((known) => known >= hash);
    if (lowest[at] === hash) return;
    lowest.splice(at < 0 ? lowest.length : at, 0, hash);
    lowest.length = Math.min(lowest.length, TRACES);
  }

  /** Templates of which enough is known. */
  templates(): string[] {
    return [...this.#traces].flatMap(([id, { length }]) => (length >= FEWEST_TRACES ? id : []));
  }

  /** Traces that both came in ÷ traces that either came in, 0 … 1 (Jaccard), as far as the samples say. */
  kinship(one: string, other: string): number {
    const ours = this.#traces.get(one) ?? [];
    const theirs = new Set(this.#traces.get(other));
    if (ours.length < FEWEST_TRACES || theirs.size < FEWEST_TRACES) return 0;
    const lowest = [...new Set([...ours, ...theirs])].toSorted((a, b) => a - b).slice(0, TRACES);
    const own = new Set(ours);
    return lowest.filter((hash) => own.has(hash) && theirs.has(hash)).length / lowest.length;
  }
}

/** 32 bits: FNV-1a, and then mixed (murmur3's end), as the lowest of plain FNV values are no fair sample. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
