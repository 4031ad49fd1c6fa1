import { errorsOf, eventsOf } from '@sentinellog/shared';
import type { Finding } from '../detector.ts';
import type { MinuteDetector, MinuteDetectorKind, MinuteView } from '../minute-detector.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { requiredZ } from '../stats/looks.ts';
import { Tail } from '../stats/tail.ts';

/**
 * An isolation forest for streams: half-space trees (S. Tan, K. Ting, T. Liu, Fast anomaly detection for streaming data, IJCAI
 * 2011). The trees are drawn once, for all sources, without data; what a source teaches is how many of its minutes fell into each
 * leaf, over a reference of minutes that is exchanged for the newest when those are full. A minute that falls where few ever fell is isolated.
 */
const FEATURES = ['lines', 'error share', 'warning share', 'line length', 'different messages', 'p99 latency'] as const;
const TREES = 16;
const DEPTH = 6;
const LEAVES = 2 ** DEPTH;
/** Minutes of a reference: four hours, and as many as a byte can count. */
const REFERENCE_MINUTES = 240;
/** Of features, to scale them: half a day. */
const SCALE_MINUTES = 720;
/** A source that says less in a minute has no look. */
const LEAST_LINES = 20;
/** Scores are learnt for as long again before anything is told. */
const LEAST_MINUTES = 2 * REFERENCE_MINUTES;
/** Minutes in a row. */
const RUN = 3;
const SECONDS = 60;
/** How often the tail may reach before anybody is told: once in a week of minutes. */
const LOOKS = 10_080;
/** What the tail calls one: distances of usual minutes are a fifth of the misses that it was made for. */
const TAIL_UNIT = 5;
/** A score of `medium` (values/value-watch.ts): where the tail's rarity is reached. */
const MEDIUM = 3;
/** A distance that is no news however light the tail: the usual minute lies in leaves that hold twice as much. */
const LEAST_DISTANCE = 0.7;

/** A split: which feature, at which place between 0 and 1. Row-major: tree × node, node i has children 2i + 1 and 2i + 2. */
const NODES = LEAVES - 1;
const SPLIT_FEATURE = new Uint8Array(TREES * NODES);
const SPLIT_AT = new Float64Array(TREES * NODES);
drawTrees();

/** Of a source that has not been looked at. */
const UNSCALED = new Float64Array(2 * FEATURES.length);

/** The shape of a minute against the shapes that the source usually has: finds combinations that no single series shows. */
class OddMinutes implements MinuteDetector {
  readonly name = 'isolation_forest';
  readonly seconds = 60;
  /** Mean and mean square miss of each feature. */
  #scale = UNSCALED;
  #minutes = 0;
  #run = 0;
  readonly #tail = new Tail();
  /** Minutes by leaf: of the reference, then of the newest. */
  #mass: Uint8Array | null = null;

  judge(minute: MinuteView, sigma: number): readonly Finding[] {
    if (eventsOf(minute.counts) < LEAST_LINES) return [];
    const place = this.#placed(featuresOf(minute));
    const leaves = Array.from({ length: TREES }, (_, tree) => leafOf(tree, place));
    const distance = this.#distance(leaves);
    const rare = Math.max(LEAST_DISTANCE, this.#tail.reachedOnceIn(LOOKS) / TAIL_UNIT);
    const score = (MEDIUM * distance) / rare;
    const isReady = this.#minutes >= LEAST_MINUTES;
    const isOutside = isReady && score >= sigma && distance >= LEAST_DISTANCE;
    this.#run = isOutside ? Math.min(RUN, this.#run + 1) : 0;
    const because = this.#run >= RUN ? this.#becauseOf(place) : '';
    // What is outside becomes usual by filling its leaves, within hours; the tail is not taught by it.
    if (this.#minutes >= REFERENCE_MINUTES && !isOutside) this.#tail.learn(distance * TAIL_UNIT);
    this.#learn(leaves, featuresOf(minute));
    if (this.#run < RUN) return [];
    const value = 1 - Math.exp(-distance);
    const { end, wallEnd, counts } = minute;
    const reason = `a minute like few others: ${because} (isolated by ${Math.round(value * 100)} %, ${score.toFixed(1)}σ)`;
    const window = { signal: 'score:isolation_forest', end, wallEnd, seconds: SECONDS, count: value } as const;
    const mean = value / 4;
    const variance = ((value - mean) / requiredZ(score, SECONDS)) ** 2;
    return [
      {
        detector: this.name,
        direction: 'high',
        score,
        reason,
        window: { ...window, events: eventsOf(counts), mean, variance, habit: 0 },
      },
    ];
  }

  interrupt(): void {
    this.#run = 0;
  }

  /** Between 0 and 1, the usual around a half; three σ are at 0.05 and 0.95. */
  #placed(features: readonly number[]): readonly number[] {
    return features.map((value, at) => {
      const spread = Math.sqrt(this.#scale[FEATURES.length + at]) + LEAST_SPREAD[at];
      return 1 / (1 + Math.exp(-(value - this.#scale[at]) / spread));
    });
  }

  /** Mean over the trees of −ln of how full the leaf is, where one that an even spread would fill is full: 0 for usual minutes. */
  #distance(leaves: readonly number[]): number {
    const mass = this.#mass;
    if (mass === null) return 0;
    let sum = 0;
    for (const [tree, leaf] of leaves.entries())
      sum -= Math.log(Math.min(1, (mass[tree * LEAVES + leaf] + 0.5) / (REFERENCE_MINUTES / LEAVES)));
    return sum / TREES;
  }

  /** The features whose splits led from where most minutes are to where hardly any is, most telling first. */
  #becauseOf(place: readonly number[]): string {
    const votes = new Float64Array(FEATURES.length);
    for (let tree = 0; tree < TREES; tree++) {
      let node = 0;
      let from = 0;
      let width = LEAVES;
      let mass = this.#massOf(tree, 0, LEAVES);
      for (let level = 0; level < DEPTH; level++) {
        const feature = SPLIT_FEATURE[tree * NODES + node];
        const right = place[feature] >= SPLIT_AT[tree * NODES + node];
        width /= 2;
        if (right) from += width;
        node = 2 * node + (right ? 2 : 1);
        const left = this.#massOf(tree, from, width);
        votes[feature] += Math.log((mass + 1) / (left + 1));
        mass = left;
      }
    }
    return Array.from(votes, (vote, at) => ({ vote, at }))
      .toSorted((a, b) => b.vote - a.vote)
      .slice(0, 2)
      .map(({ at }) => `${FEATURES[at]} ${place[at] >= 0.5 ? 'high' : 'low'}`)
      .join(', ');
  }

  #massOf(tree: number, from: number, width: number): number {
    const start = tree * LEAVES + from;
    return this.#mass?.subarray(start, start + width).reduce((sum, each) => sum + each, 0) ?? 0;
  }

  #learn(leaves: readonly number[], features: readonly number[]): void {
    const weight = 1 / Math.min(SCALE_MINUTES, ++this.#minutes);
    if (this.#scale === UNSCALED) this.#scale = new Float64Array(UNSCALED.length);
    for (const [at, value] of features.entries()) {
      const missed = value - this.#scale[at];
      this.#scale[at] += weight * missed;
      this.#scale[FEATURES.length + at] += weight * (missed ** 2 - this.#scale[FEATURES.length + at]);
    }
    const mass = (this.#mass ??= new Uint8Array(2 * TREES * LEAVES));
    const newest = TREES * LEAVES;
    for (const [tree, leaf] of leaves.entries()) mass[newest + tree * LEAVES + leaf]++;
    if (this.#minutes % REFERENCE_MINUTES > 0) return;
    mass.copyWithin(0, newest);
    mass.fill(0, newest);
  }

  write(to: StateWriter): void {
    to.numbers(this.#scale);
    for (const value of [this.#minutes, this.#run, this.#mass ? 1 : 0]) to.number(value);
    this.#tail.write(to);
    if (this.#mass) to.bytes(this.#mass);
  }

  read(from: StateReader): void {
    this.#scale = new Float64Array(UNSCALED.length);
    from.numbersInto(this.#scale);
    this.#minutes = from.number();
    this.#run = from.number();
    const isTaught = from.number() === 1;
    this.#tail.read(from);
    if (isTaught) this.#mass = Uint8Array.from(from.bytes(2 * TREES * LEAVES));
  }
}

/** What may differ without anything being odd, per feature: a tenth of the lines, a hundredth of them as errors … */
const LEAST_SPREAD = [0.1, 0.01, 0.02, 0.05, 0.1, 0.15];

/** Amounts as logarithms, shares as they are. In the order of FEATURES. */
function featuresOf({ counts, templates, latency }: MinuteView): readonly number[] {
  const events = eventsOf(counts);
  return [
    Math.log(events),
    errorsOf(counts) / events,
    counts.warn / events,
    Math.log(1 + counts.bytes / events),
    Math.log(1 + templates.size),
    latency.count > 0 ? Math.log(latency.quantile(0.99)) : 0,
  ];
}

function leafOf(tree: number, place: readonly number[]): number {
  let node = 0;
  for (let level = 0; level < DEPTH; level++) {
    const at = tree * NODES + node;
    node = 2 * node + (place[SPLIT_FEATURE[at]] >= SPLIT_AT[at] ? 2 : 1);
  }
  return node - NODES;
}

/** Each node splits what is left of the range of a feature, both drawn at random; the same trees in every process. */
function drawTrees(): void {
  let state = 0x5e_47_1e_1d;
  const random = () => {
    // xorshift32 (G. Marsaglia, 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let tree = 0; tree < TREES; tree++) {
    split(
      tree,
      0,
      FEATURES.map(() => 0),
      FEATURES.map(() => 1),
      random,
    );
  }
}

function split(
  tree: number,
  node: number,
  low: readonly number[],
  high: readonly number[],
  random: () => number,
): void {
  if (node >= NODES) return;
  const feature = Math.floor(random() * FEATURES.length);
  const middle = low[feature] + random() * (high[feature] - low[feature]);
  SPLIT_FEATURE[tree * NODES + node] = feature;
  SPLIT_AT[tree * NODES + node] = middle;
  split(tree, 2 * node + 1, low, high.with(feature, middle), random);
  split(tree, 2 * node + 2, low.with(feature, middle), high, random);
}

export const ODD_MINUTES: MinuteDetectorKind = {
  name: 'isolation_forest',
  law: 'plain',
  create: () => new OddMinutes(),
};
