import type { Ruling } from '@sentinellog/detector';
import type { Anomaly, Exclusion, Verdict } from '@sentinellog/shared';

/** What is judged reaches to where its slots stop being doubted: two minutes after its last window outside. */
const HOLD_MS = 120_000;
/** Baselines remember eight weeks; what people said about earlier times changes nothing any more. */
export const REMEMBERED_MS = 57 * 86_400_000;
/** Of one source; beyond it the oldest no longer count. A verdict a day for eight weeks is fifty-six. */
const MOST_A_SOURCE = 1000;

interface SourceRulings {
  readonly verdicts: Map<string, Ruling>;
  readonly exclusions: Map<string, Exclusion>;
}

/** What people have said about the past of each source, as the detectors need it. The store has the truth; this is its image. */
export class RulingBook {
  readonly #sources = new Map<string, SourceRulings>();

  /** In one order, so that the same rulings are the same list. */
  of(sourceId: string): readonly Ruling[] {
    const source = this.#sources.get(sourceId);
    if (!source) return [];
    const struck = [...source.exclusions.values()].map(
      ({ exclusion_id, signal, from_ms, to_ms }): Ruling => ({
        id: exclusion_id,
        signal,
        from: Math.floor(from_ms / 1000),
        to: Math.ceil(to_ms / 1000),
        rule: 'exclude',
      }),
    );
    return [...source.verdicts.values(), ...struck].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  exclusionsOf(sourceId: string): readonly Exclusion[] {
    return [...(this.#sources.get(sourceId)?.exclusions.values() ?? [])];
  }

  exclude(exclusion: Exclusion): void {
    const { exclusions } = this.#of(exclusion.source_id);
    exclusions.set(exclusion.exclusion_id, exclusion);
    forgetOldest(exclusions);
  }

  include(sourceId: string, exclusionId: string): void {
    this.#sources.get(sourceId)?.exclusions.delete(exclusionId);
  }

  /** A person has judged an anomaly, or (null) taken that back. */
  judge(anomaly: Anomaly, verdict: Verdict | null): void {
    const { verdicts } = this.#of(anomaly.source_id);
    if (verdict === null) verdicts.delete(anomaly.event_id);
    else verdicts.set(anomaly.event_id, rulingOf(anomaly, verdict));
    forgetOldest(verdicts);
  }

  /** A judged anomaly has gone on or ended. @returns true when that changes what is ruled */
  moved(anomaly: Anomaly): boolean {
    const verdicts = this.#sources.get(anomaly.source_id)?.verdicts;
    const known = verdicts?.get(anomaly.event_id);
    if (!verdicts || !known || !anomaly.verdict) return false;
    const now = rulingOf(anomaly, anomaly.verdict);
    if (now.to === known.to && now.from === known.from) return false;
    verdicts.set(anomaly.event_id, now);
    return true;
  }

  #of(sourceId: string): SourceRulings {
    let source = this.#sources.get(sourceId);
    if (!source) this.#sources.set(sourceId, (source = { verdicts: new Map(), exclusions: new Map() }));
    return source;
  }
}

function forgetOldest(rulings: Map<string, unknown>): void {
  const [oldest] = rulings.keys();
  if (rulings.size > MOST_A_SOURCE && oldest !== undefined) rulings.delete(oldest);
}

/** `real` is never learnt, `noise` is learnt as an ordinary day; one that is open reaches to whenever it ends. */
function rulingOf({ event_id, signal, started_at_ms, ended_at_ms }: Anomaly, verdict: Verdict): Ruling {
  return {
    id: event_id,
    signal,
    from: Math.floor(started_at_ms / 1000),
    to: ended_at_ms === null ? Number.POSITIVE_INFINITY : Math.ceil((ended_at_ms + HOLD_MS) / 1000),
    rule: verdict === 'real' ? 'exclude' : 'learn',
  };
}
