import type { SeededRandom } from './seeded-random.ts';

/** A rate is taken to the nearest hundredth of itself: so few tables serve a month. */
const STEP = 0.01;
/** Above this mean e^(−mean) may be no number any more, and counts are as good as Gaussian. */
const MOST_TABLED = 200;
const GUIDES = 64;

interface Table {
  /** Probability of this count or less. */
  readonly through: Float64Array;
  /** The first count whose `through` reaches so many 64ths. */
  readonly guide: Uint16Array;
}

/** Negative binomial counts of one dispersion (variance over mean), by inversion: one draw and a short search each. */
export class CountSampler {
  readonly #random: SeededRandom;
  readonly #dispersion: number;
  readonly #tables = new Map<number, Table>();

  constructor(random: SeededRandom, dispersion: number) {
    this.#random = random;
    this.#dispersion = dispersion;
  }

  /** Which distribution `draw` takes; hold on to it while the rate stays. */
  placeOf(mean: number): number {
    return mean > 0 ? Math.round(Math.log(mean) / STEP) : Number.NEGATIVE_INFINITY;
  }

  draw(place: number): number {
    if (place === Number.NEGATIVE_INFINITY) return 0;
    const table = this.#tables.get(place) ?? this.#makeTable(place);
    if (table === null) return this.#random.counts(Math.exp(place * STEP), this.#dispersion);
    const chance = this.#random.uniform();
    let count = table.guide[Math.floor(chance * GUIDES)];
    while (table.through[count] <= chance) count++;
    return count;
  }

  #makeTable(place: number): Table | null {
    const mean = Math.exp(place * STEP);
    if (mean > MOST_TABLED) return null;
    const table = tableOf(mean, this.#dispersion);
    this.#tables.set(place, table);
    return table;
  }
}

/** p(k + 1) = p(k)·(mean + k·(D − 1)) / ((k + 1)·D), which is Poisson's where the dispersion D is 1. */
function tableOf(mean: number, dispersion: number): Table {
  const excess = dispersion - 1;
  let probability = excess > 0 ? Math.exp((-mean * Math.log(dispersion)) / excess) : Math.exp(-mean);
  let sum = 0;
  const through: number[] = [];
  for (let count = 0; sum < 1 - 1e-12 && through.length < 65_535; count++) {
    sum += probability;
    through.push(sum);
    probability *= (mean + count * excess) / ((count + 1) * dispersion);
  }
  // What rounding has left over belongs to the last.
  through[through.length - 1] = 1;
  const guide = new Uint16Array(GUIDES);
  for (let at = 0, count = 0; at < GUIDES; at++) {
    while (through[count] <= at / GUIDES) count++;
    guide[at] = count;
  }
  return { through: Float64Array.from(through), guide };
}
