import { eventsOf } from '@sentinellog/shared';
import type { Finding } from '../detector.ts';
import type { MinuteDetector, MinuteDetectorKind, MinuteView } from '../minute-detector.ts';
import { rounded } from '../reason.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { countZ } from '../stats/count-deviation.ts';
import { deviationScore } from '../stats/looks.ts';

const MINUTES = 5;
const SECONDS = MINUTES * 60;
/** Templates of a source that are watched: a service says 90 % of what it says with fewer. */
const MOST_WATCHED = 24;
/** Lines in a bucket that make a template worth watching. */
const LEAST_LINES = 20;
/** Five-minute buckets before a surge, and before a disappearance: an hour and two. */
const LEAST_BUCKETS = 12;
const LEAST_BUCKETS_LOW = 24;
/** A day. */
const MEMORY_BUCKETS = 288;
/** A rise by less than three times, a rest of more than a tenth, is what the mix of requests does by itself. */
const LEAST_RISE = 3;
const MOST_LEFT = 0.1;
const LEAST_MISSED = 30;
/** Proportional noise, before anything is seen and at least. */
const PRIOR_RELATIVE = 0.5;
const LEAST_RELATIVE = 0.25;
/** What one bucket may teach. */
const MOST_TAUGHT = 2;
/** A deploy rewords messages: what goes within a quarter of an hour of new templates has gone for good, and is no longer waited for. */
const DEPLOY_BUCKETS = 3;

interface Watched {
  /** Lines a bucket, and per line of the source. */
  rate: number;
  share: number;
  /** Mean square of what was missed in proportion. */
  relative: number;
  buckets: number;
  /** Of the bucket under way. */
  count: number;
}

/**
 * How often the templates come that make up most of what a source says: a surge of one, or its disappearance. Each is held against
 * its usual number and its usual share of all lines, and only what is odd by both is told: neither a busy hour nor another
 * template's flood is the fault of this one.
 */
class TemplateFrequency implements MinuteDetector {
  readonly name = 'template_frequency';
  readonly seconds = SECONDS;
  readonly #watched = new Map<string, Watched>();
  #events = 0;
  #minutes = 0;
  #sinceFresh = DEPLOY_BUCKETS;

  judge({ end, wallEnd, counts, templates }: MinuteView, sigma: number): readonly Finding[] {
    this.#events += eventsOf(counts);
    this.#minutes++;
    for (const [id, { events, isFresh }] of templates) {
      if (isFresh) this.#sinceFresh = 0;
      const watched = this.#watched.get(id);
      if (watched) watched.count += events;
      else if (events * MINUTES >= LEAST_LINES) this.#watch(id, events);
    }
    if (end % SECONDS !== 0) return [];
    const findings = this.#minutes === MINUTES ? this.#close(end, wallEnd, sigma) : [];
    this.interrupt();
    this.#sinceFresh = Math.min(DEPLOY_BUCKETS, this.#sinceFresh + 1);
    return findings;
  }

  interrupt(): void {
    this.#events = this.#minutes = 0;
    for (const watched of this.#watched.values()) watched.count = 0;
  }

  #watch(id: string, events: number): void {
    if (this.#watched.size >= MOST_WATCHED) {
      const [rarest] = [...this.#watched].toSorted(([, a], [, b]) => a.rate - b.rate);
      if (rarest[1].rate * 2 > events * MINUTES) return;
      this.#watched.delete(rarest[0]);
    }
    this.#watched.set(id, { rate: 0, share: 0, relative: PRIOR_RELATIVE ** 2, buckets: 0, count: events });
  }

  #close(end: number, wallEnd: number, sigma: number): readonly Finding[] {
    const findings: Finding[] = [];
    for (const [id, watched] of this.#watched) {
      if (this.#sinceFresh < DEPLOY_BUCKETS && isGone(watched, watched.rate)) {
        this.#watched.delete(id);
        continue;
      }
      const finding = this.#judgeOne(id, watched, end, wallEnd, sigma);
      if (finding) findings.push(finding);
      learn(watched, this.#events);
      if (watched.rate < 1 && watched.buckets > LEAST_BUCKETS) this.#watched.delete(id);
    }
    return findings;
  }

  #judgeOne(id: string, watched: Watched, end: number, wallEnd: number, sigma: number): Finding | null {
    const { rate, share, relative, buckets, count } = watched;
    const byShare = share * this.#events;
    const isHigh = count > rate;
    const mean = Math.max(1, isHigh ? Math.max(rate, byShare) : Math.min(rate, byShare));
    const isLarge = isHigh
      ? buckets >= LEAST_BUCKETS && count >= LEAST_RISE * mean && count - mean >= LEAST_LINES
      : buckets >= LEAST_BUCKETS_LOW && isGone(watched, mean);
    if (!isLarge) return null;
    const variance = mean + Math.max(LEAST_RELATIVE ** 2, relative) * mean ** 2;
    const score = deviationScore(countZ(count, mean, variance), SECONDS);
    if (Math.abs(score) < sigma) return null;
    const reason = `a message came ${rounded(count)} times in 5 min where ${rounded(mean)} are normal (${Math.abs(score).toFixed(1)}σ ${isHigh ? 'above' : 'below'}; template ${id})`;
    return {
      detector: this.name,
      direction: isHigh ? 'high' : 'low',
      score,
      reason,
      window: {
        signal: `template:${id}`,
        end,
        wallEnd,
        seconds: SECONDS,
        count,
        events: count,
        mean,
        variance,
        habit: 0,
      },
    };
  }

  write(to: StateWriter): void {
    for (const value of [this.#events, this.#minutes, this.#sinceFresh, this.#watched.size]) to.number(value);
    for (const [id, { rate, share, relative, buckets, count }] of this.#watched) {
      to.text(id);
      for (const value of [rate, share, relative, buckets, count]) to.number(value);
    }
  }

  read(from: StateReader): void {
    this.#events = from.number();
    this.#minutes = from.number();
    this.#sinceFresh = from.number();
    for (let left = from.number(); left > 0; left--) {
      const id = from.text();
      const [rate, share, relative] = [from.number(), from.number(), from.number()];
      this.#watched.set(id, { rate, share, relative, buckets: from.number(), count: from.number() });
    }
  }
}

function isGone({ count }: Watched, mean: number): boolean {
  return mean - count >= LEAST_MISSED && count <= MOST_LEFT * mean;
}

/** Lines and share forget alike; what is far out teaches as if it were at most three times, or a third, of what is usual. */
function learn(watched: Watched, events: number): void {
  const { rate, count } = watched;
  const weight = 1 / Math.min(MEMORY_BUCKETS, ++watched.buckets);
  const isKnown = watched.buckets > 3;
  const taught = isKnown ? Math.min(count, rate * (1 + MOST_TAUGHT) + 1) : count;
  if (isKnown && rate >= 1) {
    const missed = (taught - rate) ** 2 - rate;
    watched.relative += weight * (Math.max(0, missed) / rate ** 2 - watched.relative);
  }
  watched.rate += weight * (taught - rate);
  watched.share += weight * (taught / Math.max(1, events) - watched.share);
}

export const TEMPLATE_FREQUENCY: MinuteDetectorKind = {
  name: 'template_frequency',
  law: 'count',
  create: () => new TemplateFrequency(),
};
