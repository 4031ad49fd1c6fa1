import type { Source, SourcePatch } from '@sentinellog/shared';
import type { Caller } from './pipeline/caller.ts';

/** What people set for a source; the tally knows only its id, tenant and service. */
export type SourceSettings = Pick<Source, 'sensitivity' | 'sigma' | 'retention_days' | 'time_zone' | 'tags'>;

export const DEFAULT_SOURCE_SETTINGS: SourceSettings = {
  sensitivity: 'medium',
  retention_days: 30,
  time_zone: 'UTC',
  tags: [],
};

interface CountedSource {
  readonly sourceId: string;
  readonly tenant: string;
  readonly service: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

interface DirectoryParts {
  readonly counted: () => readonly CountedSource[];
  readonly learnt: (sourceId: string) => Pick<Source, 'learning' | 'learnt_hours'>;
  /** Settings and their audit entry are one transaction. Null when the source is not stored (yet). */
  readonly savePatch: (sourceId: string, patch: SourcePatch, actor: Caller) => Promise<SourceSettings | null>;
  /** A source was changed by a person: detectors and consoles want to know. */
  readonly onChanged: (source: Source) => void;
}

/** Every source as people see it: what was counted, what was learnt, what was set. From memory, so it outlives the database. */
export class SourceDirectory {
  readonly #parts: DirectoryParts;
  readonly #settings: Map<string, SourceSettings>;

  constructor(parts: DirectoryParts, settings: ReadonlyMap<string, SourceSettings>) {
    this.#parts = parts;
    this.#settings = new Map(settings);
  }

  list(): readonly Source[] {
    return this.#parts.counted().map((source) => this.#describe(source));
  }

  one(sourceId: string): Source | null {
    const found = this.#parts.counted().find((source) => source.sourceId === sourceId);
    return found ? this.#describe(found) : null;
  }

  settingsOf(sourceId: string): SourceSettings {
    return this.#settings.get(sourceId) ?? DEFAULT_SOURCE_SETTINGS;
  }

  async patch(sourceId: string, patch: SourcePatch, actor: Caller): Promise<Source | null> {
    const saved = await this.#parts.savePatch(sourceId, patch, actor);
    if (saved === null) return null;
    this.#settings.set(sourceId, saved);
    const source = this.one(sourceId);
    if (source) this.#parts.onChanged(source);
    return source;
  }

  #describe(source: CountedSource): Source {
    const { sensitivity, sigma, retention_days, time_zone, tags } = this.settingsOf(source.sourceId);
    return {
      source_id: source.sourceId,
      tenant: source.tenant,
      service: source.service,
      sensitivity,
      sigma: sigma ?? null,
      retention_days,
      time_zone,
      tags: [...tags],
      first_seen_ms: source.firstSeenMs,
      last_seen_ms: source.lastSeenMs,
      ...this.#parts.learnt(source.sourceId),
    };
  }
}
