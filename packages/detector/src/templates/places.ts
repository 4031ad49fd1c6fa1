import { VARIABLE } from './line-scan.ts';
import type { Template } from './template.ts';
import { sumOf, termOf } from './token-sum.ts';
import { askedOf, type Evidence, isWord, valueWeight } from './variable-evidence.ts';

/** Places of a template that are watched; longer messages differ early if at all. */
const MAX_PLACES = 24;
/** Stands for the word that is left out; no token has this code. */
const LEFT_OUT = 7;

/** What is known of one place in otherwise equal messages: how strongly the words seen there speak for a variable. */
interface Place {
  templates: number;
  weight: number;
}

/** Watches, for all templates, which differ from others in one word only. */
export class Places {
  readonly #places = new Map<number, Place>();
  readonly #evidence: Evidence;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
  }

  /** Enters a template; answers the token at which it and others are to become one, or -1. */
  enter({ codes, texts }: Pick<Template, 'codes' | 'texts'>): number {
    let best = -1;
    let bestRatio = 1;
    for (const [i, key] of placesOf(codes)) {
      let place = this.#places.get(key);
      if (!place) this.#places.set(key, (place = { templates: 0, weight: 0 }));
      place.templates++;
      place.weight += valueWeight(codes[i], texts[i]);
      if (place.templates < 2) continue;
      const ratio = place.weight / askedOf(codes, i, this.#evidence);
      if (ratio < bestRatio) continue;
      best = i;
      bestRatio = ratio;
    }
    return best;
  }

  leave({ codes, texts }: Pick<Template, 'codes' | 'texts'>): void {
    for (const [i, key] of placesOf(codes)) {
      const place = this.#places.get(key);
      if (!place) continue;
      place.templates--;
      place.weight -= valueWeight(codes[i], texts[i]);
      if (place.templates === 0) this.#places.delete(key);
    }
  }
}

/** The tokens that may be variables, each with a number for "all the others": equal for messages that differ only here. */
function placesOf(codes: Int32Array): [token: number, key: number][] {
  const sum = sumOf(codes);
  const places: [number, number][] = [];
  for (let i = 0; i < codes.length && places.length < MAX_PLACES; i++) {
    const code = codes[i];
    if (code === VARIABLE || isWord(code)) places.push([i, sum - termOf(code, i) + termOf(LEFT_OUT, i)]);
  }
  return places;
}
