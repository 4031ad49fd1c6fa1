/** Chance with a seed (sfc32 of PractRand): the same seed gives the same month of traffic on every machine. */
export class SeededRandom {
  #a = 0x9e37_79b9;
  #b = 0x243f_6a88;
  #c = 0xb7e1_5162;
  #d: number;

  constructor(seed: number) {
    this.#d = seed | 0;
    for (let i = 0; i < 12; i++) this.uniform();
  }

  /** In [0, 1). */
  uniform(): number {
    const sum = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Inversion for small means, rounded normal above 30. */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let product = this.uniform();
    let count = 0;
    while (product > limit) {
      product *= this.uniform();
      count++;
    }
    return count;
  }

  /** Gamma by Marsaglia and Tsang (2000); `shape` > 0, scale 1. */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Counts of this mean whose variance is `dispersion` times it: negative binomial, as a gamma mixture of Poissons. */
  counts(mean: number, dispersion: number): number {
    if (mean <= 0) return 0;
    if (dispersion <= 1) return this.poisson(mean);
    const shape = mean / (dispersion - 1);
    return this.poisson((mean * this.gamma(shape)) / shape);
  }

  /** Of trials with this probability, those that fail before the first that does not. */
  failuresBeforeSuccess(probability: number): number {
    if (probability <= 0) return Number.POSITIVE_INFINITY;
    return probability >= 1 ? 0 : Math.floor(Math.log(1 - this.uniform()) / Math.log1p(-probability));
  }

  /** How many of `events` come out so with this probability. */
  binomial(events: number, probability: number): number {
    let count = 0;
    for (let i = 0; i < events; i++) if (this.uniform() < probability) count++;
    return count;
  }
}
