import { ENGINE_VERSION, type FrameCounts, SourceWatch } from '@sentinellog/detector';
import { type BaselineVersion, type RelearnAnswerSchema, RequestError, SIGNALS, uuidv7 } from '@sentinellog/shared';
import type { z } from 'zod';
import type { Detect } from './detect/detect.ts';
import type { ReplayRunner } from './detect/run-replay.ts';
import type { Caller } from './pipeline/caller.ts';
import type { Store } from './store/store.ts';
import { storedSeconds } from './stored-seconds.ts';

const DAY_MS = 86_400_000;
/** Seconds live in the store for so long; a baseline remembers eight weeks of hours, which came from seconds. */
const STORED_DAYS = 30;
/** States saved in one pass: 10,000 sources are through in a day's passes without a long transaction. */
const MOST_A_PASS = 500;

interface BaselineParts {
  readonly store: Pick<
    Store,
    | 'saveBaselineVersion'
    | 'baselineVersions'
    | 'baselineState'
    | 'newestBaselineVersions'
    | 'minuteBodies'
    | 'blind'
    | 'appendAudit'
  >;
  readonly detect: Pick<Detect, 'stateOf' | 'replace' | 'settingsFor' | 'tap' | 'untap'>;
  readonly replays: Pick<ReplayRunner, 'run'>;
  readonly sources: () => readonly {
    readonly sourceId: string;
    readonly firstSeenMs: number;
    readonly closedThrough: number;
  }[];
  readonly commit: () => Promise<void>;
  readonly now: () => number;
  /** Chance for ids: that many bytes. */
  readonly entropy: (bytes: number) => Uint8Array;
}

/**
 * The 24-hour retraining and its undo. Detectors learn with every bucket, so what is done once a day is to save what each source has come
 * to; a saved state can be looked at and gone back to, and a source can be taught anew from its stored seconds.
 */
export class BaselineDesk {
  readonly #parts: BaselineParts;
  /** When each source was last saved, in milliseconds. */
  #saved: Map<string, number> | null = null;

  constructor(parts: BaselineParts) {
    this.#parts = parts;
  }

  /** One pass of the daily saving: every source whose last state is a day old. Rejects as the store does. */
  async saveDue(): Promise<number> {
    const { store, sources, now } = this.#parts;
    const saved = (this.#saved ??= new Map(await store.newestBaselineVersions()));
    const due = sources()
      .filter(({ sourceId, firstSeenMs }) => now() - (saved.get(sourceId) ?? firstSeenMs) >= DAY_MS)
      .slice(0, MOST_A_PASS);
    for (const { sourceId } of due) {
      await this.#save(sourceId, 'daily');
      saved.set(sourceId, now());
    }
    return due.length;
  }

  versions(sourceId: string): Promise<readonly BaselineVersion[]> {
    return this.#parts.store.baselineVersions(sourceId);
  }

  async revert(sourceId: string, versionId: string, actor: Caller): Promise<BaselineVersion | null> {
    const { store, detect, now } = this.#parts;
    const back = await store.baselineState(sourceId, versionId);
    if (!back) return null;
    if (back.version.engine !== ENGINE_VERSION)
      throw new RequestError(
        'invalid_request',
        `that state was made by engine ${back.version.engine}, this is ${ENGINE_VERSION}`,
      );
    await this.#save(sourceId, 'before_revert');
    detect.replace(sourceId, back.state);
    await store.appendAudit({
      atMs: now(),
      actor: actor.name,
      action: 'baseline.revert',
      object: sourceId,
      detail: { version: versionId, through_ms: back.version.through_ms },
    });
    return back.version;
  }

  async relearn(sourceId: string, actor: Caller): Promise<z.output<typeof RelearnAnswerSchema>> {
    const { store, detect, replays, sources, commit, now } = this.#parts;
    const source = sources().find((one) => one.sourceId === sourceId);
    if (!source || source.closedThrough <= 0)
      throw new RequestError('not_found', 'nothing has been counted of this source yet');
    const to = source.closedThrough;
    // What closes from here on is fed to the new state when it is there.
    const since = detect.tap(sourceId);
    try {
      await commit();
      const before = await this.#save(sourceId, 'before_relearning');
      const oldest = Math.floor((now() - STORED_DAYS * DAY_MS) / 1000);
      const from = Math.max(oldest, Math.floor(source.firstSeenMs / 1000));
      const settings = detect.settingsFor(sourceId);
      const stored = await storedSeconds(store, sourceId, { from, to });
      const { seconds, state } = await replays.run({ type: 'relearn', stored, settings });
      detect.replace(sourceId, caughtUp(state, settings, since()));
      const range = { from_ms: from * 1000, to_ms: to * 1000, seconds };
      await store.appendAudit({
        atMs: now(),
        actor: actor.name,
        action: 'baseline.relearn',
        object: sourceId,
        detail: { ...range, version_before: before },
      });
      return { source_id: sourceId, ...range, version_before: before };
    } finally {
      detect.untap(sourceId);
    }
  }

  async #save(sourceId: string, why: BaselineVersion['why']): Promise<string> {
    const { store, detect, sources, now, entropy } = this.#parts;
    const learnt = detect.stateOf(sourceId);
    const source = sources().find((one) => one.sourceId === sourceId);
    if (!learnt || !source) throw new RequestError('not_found', 'nothing has been learnt of this source yet');
    const { state, watch } = learnt;
    const version_id = uuidv7(now(), entropy(10));
    const version: BaselineVersion = {
      version_id,
      source_id: sourceId,
      made_at_ms: now(),
      through_ms: source.closedThrough * 1000,
      engine: ENGINE_VERSION,
      why,
      learnt_hours: watch.learnt().hours,
      expected: SIGNALS.flatMap((signal) => {
        const expected = watch.expected(signal);
        if (!expected) return [];
        const { rate, dispersion, relative } = expected;
        return [{ signal, rate, dispersion, relative }];
      }),
      bytes: state.length,
    };
    await store.saveBaselineVersion({ version, state });
    return version_id;
  }
}

/** The seconds that closed while the past was being replayed. */
function caughtUp(
  state: Uint8Array,
  settings: ReturnType<Detect['settingsFor']>,
  since: readonly (readonly [second: number, counts: FrameCounts | null])[],
): Uint8Array {
  const watch = SourceWatch.restore(state, settings);
  for (const [second, counts] of since) watch.observe(second, counts);
  return watch.snapshot();
}
