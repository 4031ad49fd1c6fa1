import { sourceHash } from './pipeline/record-contents.ts';
import { DEFAULT_SOURCE_SETTINGS } from './source-directory.ts';

const DAY_MS = 86_400_000;

interface RetainedSource {
  readonly tenant: string;
  readonly service: string;
  readonly retention_days: number;
}

/**
 * How long the journal keeps each source's events, by the hash under which it knows a source. A source that nobody has
 * set keeps them as long as the configuration says. Where two sources share a hash the longer time counts.
 */
export class SourceRetention {
  readonly #sources: () => readonly RetainedSource[];
  readonly #defaultMs: number;
  #keepMs: ReadonlyMap<number, number> = new Map();

  constructor(sources: () => readonly RetainedSource[], defaultDays: number) {
    this.#sources = sources;
    this.#defaultMs = defaultDays * DAY_MS;
  }

  /** Reads what is set now: before each round of deleting. */
  refresh(): void {
    const keepMs = new Map<number, number>();
    for (const { tenant, service, retention_days: days } of this.#sources()) {
      const hash = sourceHash(tenant, service);
      const ms = days === DEFAULT_SOURCE_SETTINGS.retention_days ? this.#defaultMs : days * DAY_MS;
      keepMs.set(hash, Math.max(ms, keepMs.get(hash) ?? 0));
    }
    this.#keepMs = keepMs;
  }

  keepMs(hash: number): number {
    return this.#keepMs.get(hash) ?? this.#defaultMs;
  }

  longestKeepMs(): number {
    return Math.max(this.#defaultMs, ...this.#keepMs.values());
  }
}
