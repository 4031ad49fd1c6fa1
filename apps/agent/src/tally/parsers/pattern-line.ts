import { RE2JS } from 're2js';
import { MAPPED_FIELDS } from '../../pipeline/text-reading.ts';
import type { TextClock } from '../text-clock.ts';
import type { LineFields, LineParser } from './line-fields.ts';

/**
 * A regular expression of the user, with the named groups time, service, level, message and trace_id, on a linear-time engine: no line can
 * make it slow. It sees bytes as Latin-1, so that places in the text are places in the bytes.
 */
export class PatternLine implements LineParser {
  readonly #pattern: RE2JS;
  readonly #groups: ReadonlySet<string>;
  readonly #clock: TextClock;

  /** Throws where the expression is none of RE2. */
  constructor(clock: TextClock, pattern: string) {
    this.#clock = clock;
    this.#pattern = RE2JS.compile(pattern);
    this.#groups = new Set(Object.keys(this.#pattern.namedGroups()));
  }

  read(bytes: Uint8Array, start: number, end: number, into: LineFields): boolean {
    const line = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
    const matcher = this.#pattern.matcher(line);
    if (!matcher.find()) return false;
    for (const group of [...MAPPED_FIELDS, 'trace_id'] as const) {
      if (!this.#groups.has(group)) continue;
      const from = matcher.start(group);
      const to = matcher.end(group);
      if (from < 0 || to <= from) continue;
      switch (group) {
        case 'time':
          into.timeMs = this.#clock.instant(bytes, start + from, start + to);
          break;
        case 'service':
          into.serviceStart = start + from;
          into.serviceEnd = start + to;
          break;
        case 'level':
          into.levelStart = start + from;
          into.levelEnd = start + to;
          break;
        case 'message':
          into.messageStart = start + from;
          into.messageEnd = start + to;
          break;
        case 'trace_id':
          into.traceStart = start + from;
          into.traceEnd = start + to;
      }
    }
    return true;
  }
}
