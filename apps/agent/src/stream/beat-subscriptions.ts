import type { Beat, DrawnSignal } from '@sentinellog/shared';

interface BeatGroup<Reader> {
  readonly signal: DrawnSignal;
  /** Null: every source. */
  readonly sources: ReadonlySet<string> | null;
  /** Subscription ids by reader: the id is the reader's own name for it and goes into each message. */
  readonly members: Map<Reader, Set<string>>;
}

/** Who wants the beats of which sources. Equal wishes share one group, so that a tick is filtered and serialised once for all of them. */
export class BeatSubscriptions<Reader> {
  readonly #groups = new Map<string, BeatGroup<Reader>>();

  add(reader: Reader, id: string, signal: DrawnSignal, sources: readonly string[] | undefined): void {
    const wanted = sources === undefined ? null : [...new Set(sources)].toSorted();
    const key = wanted === null ? signal : `${signal} ${wanted.join(' ')}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { signal, sources: wanted === null ? null : new Set(wanted), members: new Map() };
      this.#groups.set(key, group);
    }
    const ids = group.members.get(reader) ?? new Set();
    group.members.set(reader, ids.add(id));
  }

  /** Ends one subscription of a reader, or all of them when no id is given. */
  remove(reader: Reader, id?: string): void {
    for (const [key, group] of this.#groups) {
      const ids = group.members.get(reader);
      if (ids === undefined) continue;
      if (id === undefined) ids.clear();
      else ids.delete(id);
      if (ids.size === 0) group.members.delete(reader);
      if (group.members.size === 0) this.#groups.delete(key);
    }
  }

  get size(): number {
    let size = 0;
    for (const { members } of this.#groups.values()) for (const ids of members.values()) size += ids.size;
    return size;
  }

  /** Hands each reader its message for one tick, as UTF-8 JSON that is shared where the wishes are equal. */
  deliver(
    signal: DrawnSignal,
    beats: readonly Beat[],
    nowMs: number,
    hand: (reader: Reader, message: Buffer) => void,
  ): void {
    for (const group of this.#groups.values()) {
      if (group.signal !== signal) continue;
      const { sources } = group;
      const wanted = sources === null ? beats : beats.filter((beat) => sources.has(beat.source_id));
      if (wanted.length === 0) continue;
      const body = JSON.stringify(wanted);
      const messages = new Map<string, Buffer>();
      for (const [reader, ids] of group.members) {
        for (const id of ids) {
          let message = messages.get(id);
          if (message === undefined) {
            const name = JSON.stringify(id);
            message = Buffer.from(
              `{"type":"heartbeat","id":${name},"signal":"${signal}","now_ms":${nowMs},"beats":${body}}`,
            );
            messages.set(id, message);
          }
          hand(reader, message);
        }
      }
    }
  }
}
