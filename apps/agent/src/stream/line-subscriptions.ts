import type { AgentMessage, Level, LineFilter, LiveLine } from '@sentinellog/shared';

/** How often lines are delivered: as often as people can take text in (ux §2.9). */
export const LINES_EVERY_MS = 250;

/** A line that may be wanted. Its text costs more than the rest and is asked for at most once. */
export interface OfferedLine {
  readonly atMs: number;
  readonly sourceId: string;
  readonly service: string;
  readonly level: Level;
  text(): Pick<LiveLine, 'message' | 'trace_id' | 'template_id'>;
}

/** How many lines came since the last delivery, and how many of them were offered. */
export interface SeenLines {
  readonly stored: number;
  readonly visited: number;
}

interface Subscription<Reader> {
  readonly reader: Reader;
  readonly id: string;
  readonly wants: (line: OfferedLine) => boolean;
  readonly most: number;
  /** Of the lines offered since the last delivery. */
  matched: number;
  /** A fair sample of them, with the order in which they came. */
  readonly kept: { readonly order: number; readonly line: LiveLine }[];
}

/**
 * Who wants which lines. Each reader gets all that match while they are few, and an even sample once they are more than
 * its rate: reservoir sampling (Vitter's algorithm R), so that every line of a delivery has the same chance.
 */
export class LineSubscriptions<Reader> {
  readonly #subscriptions: Subscription<Reader>[] = [];
  readonly #chance: () => number;

  /** @param chance 0 ≤ chance < 1 */
  constructor(chance: () => number) {
    this.#chance = chance;
  }

  get size(): number {
    return this.#subscriptions.length;
  }

  add(reader: Reader, id: string, filter: LineFilter, rate: number): void {
    const most = Math.max(1, Math.floor((rate * LINES_EVERY_MS) / 1000));
    this.#subscriptions.push({ reader, id, wants: matcherOf(filter), most, matched: 0, kept: [] });
  }

  /** Ends one subscription of a reader, or all of them when no id is given. */
  remove(reader: Reader, id?: string): void {
    for (let at = this.#subscriptions.length - 1; at >= 0; at--) {
      const one = this.#subscriptions[at];
      if (one?.reader === reader && (id === undefined || one.id === id)) this.#subscriptions.splice(at, 1);
    }
  }

  offer(line: OfferedLine): void {
    for (const one of this.#subscriptions) {
      if (!one.wants(line)) continue;
      const order = one.matched++;
      const place = order < one.most ? order : Math.floor(this.#chance() * one.matched);
      if (place < one.most) one.kept[place] = { order, line: liveLineOf(line) };
    }
  }

  /** Hands each reader what was kept for it since the last time; those without a matching line hear nothing. */
  deliver({ stored, visited }: SeenLines, hand: (reader: Reader, message: string) => void): void {
    for (const one of this.#subscriptions) {
      if (one.matched === 0) continue;
      const lines = one.kept.toSorted((a, b) => a.order - b.order).map(({ line }) => line);
      // What was not looked at is taken to be like what was.
      const matched = Math.max(lines.length, Math.round((one.matched * stored) / Math.max(1, visited)));
      const message: AgentMessage = {
        type: 'lines',
        id: one.id,
        lines,
        matched,
        sampled: matched / lines.length,
      };
      one.matched = 0;
      one.kept.length = 0;
      hand(one.reader, JSON.stringify(message));
    }
  }
}

/** The cheap questions first: text is only asked for where they are answered with yes. */
function matcherOf({ sources, levels, text, templates }: LineFilter): (line: OfferedLine) => boolean {
  const wantedSources = sources === undefined ? null : new Set(sources);
  const wantedLevels = levels === undefined ? null : new Set(levels);
  const wantedTemplates = templates === undefined ? null : new Set(templates);
  const needle = text?.toLowerCase() ?? '';
  return (line) => {
    if (wantedLevels !== null && !wantedLevels.has(line.level)) return false;
    if (wantedSources !== null && !wantedSources.has(line.sourceId)) return false;
    if (needle !== '' && !line.text().message.toLowerCase().includes(needle)) return false;
    return wantedTemplates === null || wantedTemplates.has(line.text().template_id ?? '');
  };
}

function liveLineOf(line: OfferedLine): LiveLine {
  const { atMs, sourceId, service, level } = line;
  return { at_ms: atMs, source_id: sourceId, service, level, ...line.text() };
}
