import {
  DEFAULT_ROUTE,
  type Fired,
  fidelityOf,
  LADDER_SIGMAS,
  type RouteIncident,
  summariseStep,
} from '@sentinellog/detector';
import {
  type Anomaly,
  type LadderAnswer,
  type LadderRequestSchema,
  MOST_LADDER_MS,
  RequestError,
  sigmaOf,
} from '@sentinellog/shared';
import type { z } from 'zod';
import type { ReplayRunner } from './detect/run-replay.ts';
import type { RulingBook } from './detect/ruling-book.ts';
import type { SourceDirectory } from './source-directory.ts';
import type { Store } from './store/store.ts';
import { storedSeconds } from './stored-seconds.ts';

const DAY_MS = 86_400_000;
/** A baseline without a saved state learns from the day before: what it would have known, apart from older seasons. */
const WARM_UP_MS = DAY_MS;
/** Anomalies of one source in a week; more are a storm, and the newest of it are compared. */
const MOST_FIRED = 1000;

interface LadderParts {
  readonly store: Pick<Store, 'minuteBodies' | 'blind' | 'anomalies' | 'baselineVersions' | 'baselineState'>;
  readonly replays: Pick<ReplayRunner, 'run'>;
  readonly rulings: Pick<RulingBook, 'of'>;
  readonly directory: Pick<SourceDirectory, 'one'>;
  /** Commits what is counted, so that the last seconds are part of the ladder. */
  readonly commit: () => Promise<void>;
  readonly closedThrough: (sourceId: string) => number;
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly route?: RouteIncident;
}

/** The sigma ladder: what a source would have told at other σ, by the live engine, with baselines as they stood. */
export class LadderDesk {
  readonly #parts: LadderParts;

  constructor(parts: LadderParts) {
    this.#parts = parts;
  }

  /** null: there is no such source. Rejects with RequestError where the range is empty or too long. */
  async preview(sourceId: string, asked: z.output<typeof LadderRequestSchema>): Promise<LadderAnswer | null> {
    const {
      store,
      replays,
      rulings,
      directory,
      commit,
      closedThrough,
      now,
      monotonicMs,
      route = DEFAULT_ROUTE,
    } = this.#parts;
    const source = directory.one(sourceId);
    if (source === null) return null;
    await commit();
    const toMs = Math.min(asked.to_ms ?? now(), closedThrough(sourceId) * 1000);
    const fromMs = Math.max(asked.from_ms ?? toMs - DAY_MS, Math.floor(source.first_seen_ms / 1000) * 1000);
    if (fromMs >= toMs)
      throw new RequestError('invalid_request', 'the source has no closed seconds between from_ms and to_ms');
    if (toMs - fromMs > MOST_LADDER_MS)
      throw new RequestError('invalid_request', `a ladder is over at most ${MOST_LADDER_MS / DAY_MS} days`);

    const startedMs = monotonicMs();
    const warm = await this.#warmUp(sourceId, fromMs, source.first_seen_ms);
    const current = sigmaOf(source);
    const sigmas = [...new Set([...LADDER_SIGMAS, current])].toSorted((a, b) => a - b);
    const from = Math.floor(fromMs / 1000);
    const span = { from: Math.floor(warm.fromMs / 1000), to: Math.floor(toMs / 1000) };
    const { seconds, told } = await replays.run({
      type: 'ladder',
      stored: await storedSeconds(store, sourceId, span),
      from,
      // What was said about the range was said after it: the replay must not know.
      settings: {
        sensitivity: source.sensitivity,
        sigma: source.sigma ?? null,
        timeZone: source.time_zone,
        rulings: rulings.of(sourceId).filter((ruling) => ruling.to <= from),
      },
      state: warm.state,
      sigmas,
    });
    const { anomalies } = await store.anomalies({ sourceId, fromMs, toMs, limit: MOST_FIRED });
    const fired = anomalies.filter(({ state }) => state === 'open' || state === 'recovered').map(firedOf);
    const replayed = told[sigmas.indexOf(current)];
    const fidelity = fidelityOf(fired, replayed);
    const verdicts = Map.groupBy(fired, ({ verdict }) => verdict ?? 'unjudged');
    return {
      source_id: sourceId,
      from_ms: fromMs,
      to_ms: toMs,
      seconds,
      warm_up: { from_ms: warm.fromMs, saved_state: warm.versionId },
      marked: {
        real: verdicts.get('real')?.length ?? 0,
        noise: verdicts.get('noise')?.length ?? 0,
        unjudged: verdicts.get('unjudged')?.length ?? 0,
      },
      steps: sigmas.map((sigma, at) => {
        const step = summariseStep(told[at], { fired, seconds, route });
        return {
          sigma,
          is_current: sigma === current,
          anomalies: step.anomalies,
          anomalies_total: step.anomaliesTotal,
          incidents: step.incidents,
          pages: step.pages,
          posts: step.posts,
          mails: step.mails,
          alerts_a_week: step.alertsAWeek,
          real_found: step.realFound,
          minutes_to_detect: step.minutesToDetect,
          noise: step.noise,
        };
      }),
      fidelity: {
        fired: fired.length,
        replayed: replayed.length,
        fired_reproduced: fidelity.firedReproduced,
        replayed_fired: fidelity.replayedFired,
      },
      took_ms: monotonicMs() - startedMs,
    };
  }

  /** The newest saved state from before the range, if it is from within two days; else a day of learning. */
  async #warmUp(sourceId: string, fromMs: number, firstSeenMs: number) {
    const versions = await this.#parts.store.baselineVersions(sourceId);
    const before = versions.find(({ through_ms }) => through_ms <= fromMs && fromMs - through_ms <= 2 * DAY_MS);
    const saved = before && (await this.#parts.store.baselineState(sourceId, before.version_id));
    return saved
      ? { fromMs: saved.version.through_ms, state: saved.state, versionId: saved.version.version_id }
      : // Before its first line there was nothing, which is not the same as silence.
        { fromMs: Math.max(fromMs - WARM_UP_MS, firstSeenMs), state: null, versionId: null };
  }
}

function firedOf({ signal, direction, started_at_ms, ended_at_ms, detected_at_ms, severity, verdict }: Anomaly): Fired {
  return {
    signal,
    direction,
    from: started_at_ms / 1000,
    to: ended_at_ms === null ? Number.POSITIVE_INFINITY : ended_at_ms / 1000,
    at: detected_at_ms / 1000,
    severity,
    verdict: verdict ?? null,
  };
}
