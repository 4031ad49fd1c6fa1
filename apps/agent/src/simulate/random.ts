/** Seeded chance: the same seed gives the same traffic on every machine. Nothing here is fit for secrets. */

/** A source of chance in [0, 1): what the samplers below draw from. */
export interface Chance {
  next(): number;
}

/** sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes PractRand to 2^45 bytes, four operations a number. */
export class Sfc32 implements Chance {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(...keys: readonly number[]) {
    this.reseed(...keys);
  }

  /** Begins again at the point that the integers `keys` name, for instance (seed, service, second). */
  reseed(...keys: readonly number[]): void {
    this.#a = 0x9e3779b9;
    this.#b = 0x243f6a88;
    this.#c = 0xb7e15162;
    for (const key of keys) {
      this.#a = mix(this.#a ^ key);
      // Keys above 2^32, such as a time in milliseconds, count in full.
      this.#b = mix(this.#b ^ Math.floor(key / 2 ** 32) ^ this.#a);
      this.#c = mix(this.#c + this.#b);
    }
    this.#counter = 1;
    // The author's advice is 12 rounds; neighbouring keys are already far apart after mix().
    for (let round = 0; round < 4; round++) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  next(): number {
    return this.uint32() / 2 ** 32;
  }
}

/** The finaliser of MurmurHash3: every bit of the input reaches every bit of the output. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** An approximately normal number (mean 0, variance 1) that belongs to (seed, stream, index) alone: noise without memory. */
export function hashedNormal(seed: number, stream: number, index: number): number {
  let h = mix(mix(mix(seed) ^ stream) + index);
  let sum = 0;
  // Four uniforms: variance 4/12, so ×√3. Tails end at ±3.5, which suits a wander that must not explode.
  for (let i = 0; i < 4; i++) {
    h = mix(h + 0x9e3779b9);
    sum += (h >>> 0) / 2 ** 32;
  }
  return (sum - 2) * Math.sqrt(3);
}

/** Standard normal: Marsaglia's polar method. */
export function normal(chance: Chance): number {
  for (;;) {
    const u = 2 * chance.next() - 1;
    const v = 2 * chance.next() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Gamma with the given shape and scale 1: Marsaglia and Tsang (2000), with their boost for shapes below 1. */
export function gamma(chance: Chance, shape: number): number {
  if (shape < 1) return gamma(chance, shape + 1) * (1 - chance.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(chance);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - chance.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Poisson: multiplication (Knuth) for small means, halving by a gamma draw (Ahrens and Dieter 1974) for large ones. */
export function poisson(chance: Chance, mean: number): number {
  let remaining = mean;
  let count = 0;
  // Knuth costs one draw an event and its exp() underflows near 700: step over most of a large mean at once.
  while (remaining > 30) {
    const step = Math.floor(remaining * 0.875);
    const arrival = gamma(chance, step);
    if (arrival > remaining) return count + binomial(chance, step - 1, remaining / arrival);
    count += step;
    remaining -= arrival;
  }
  const limit = Math.exp(-remaining);
  let product = chance.next();
  while (product > limit) {
    count++;
    product *= chance.next();
  }
  return count;
}

/** Events out of `trials` that happen with `probability` each; trials are the lines of one second, so a loop is fast enough. */
export function binomial(chance: Chance, trials: number, probability: number): number {
  let count = 0;
  for (let i = 0; i < trials; i++) if (chance.next() < probability) count++;
  return count;
}

/**
 * Negative binomial with variance = `dispersion` × mean (1 is Poisson): counts of requests that come in bursts.
 * A Poisson whose mean is itself gamma distributed.
 */
export function overdispersed(chance: Chance, mean: number, dispersion: number): number {
  if (mean <= 0) return 0;
  if (dispersion <= 1) return poisson(chance, mean);
  return poisson(chance, gamma(chance, mean / (dispersion - 1)) * (dispersion - 1));
}
