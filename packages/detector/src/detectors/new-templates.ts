import type { Finding } from '../detector.ts';
import type { MinuteDetector, MinuteDetectorKind, MinuteView } from '../minute-detector.ts';
import { rounded } from '../reason.ts';
import type { StateReader, StateWriter } from '../state-codec.ts';
import { countZ } from '../stats/count-deviation.ts';
import { deviationScore } from '../stats/looks.ts';

const MINUTES = 5;
const SECONDS = MINUTES * 60;
/** Before that, everything a source says is new. */
const LEARNING_MINUTES = 60;
/** The usual rate forgets over a day. */
const MEMORY_MINUTES = 1440;
/** Before any is seen: one in five hours, as certain as half a day makes it. */
const PRIOR = { count: 2.4, minutes: 720 } as const;
/** A single one is a rare branch of the code, two a rare day. */
const LEAST = 3;
/** The rate itself is known no better than that. */
const RELATIVE = 0.5;

/**
 * A burst of templates that a source has never used and whose lines are errors. New ones that are no errors come with every deploy
 * and are not counted, so a deploy that works is silent.
 */
class NewTemplates implements MinuteDetector {
  readonly name = 'new_templates';
  readonly seconds = 60;
  #seen = PRIOR.count as number;
  #minutes = 0;
  /** New error templates of each of the last minutes. */
  readonly #last = new Uint16Array(MINUTES);

  judge({ end, wallEnd, templates }: MinuteView, sigma: number): readonly Finding[] {
    let fresh = 0;
    for (const { isFresh, errors, events } of templates.values()) if (isFresh && errors * 2 > events) fresh++;
    this.#last[(end / 60) % MINUTES] = fresh;
    const count = this.#last.reduce((sum, each) => sum + each, 0);
    const known = PRIOR.minutes + Math.min(MEMORY_MINUTES, this.#minutes);
    const mean = (this.#seen / known) * MINUTES;
    const isReady = ++this.#minutes > LEARNING_MINUTES;
    // A burst is learnt as one, not as many: a service that fails in new ways every night stays news.
    if (isReady) this.#seen = this.#seen * (1 - 1 / (PRIOR.minutes + MEMORY_MINUTES)) + Math.min(1, fresh);
    if (!isReady || count < LEAST) return [];
    const variance = mean + (RELATIVE * mean) ** 2;
    const score = deviationScore(countZ(count, mean, variance), SECONDS);
    if (score < sigma) return [];
    const reason = `${count} kinds of errors in 5 min that this source has never had, where ${rounded(mean)} are normal (${score.toFixed(1)}σ above)`;
    const window = { signal: 'new_templates', end, wallEnd, seconds: SECONDS, count, events: count, mean } as const;
    return [{ detector: this.name, direction: 'high', score, reason, window: { ...window, variance, habit: 0 } }];
  }

  interrupt(): void {
    this.#last.fill(0);
  }

  write(to: StateWriter): void {
    for (const value of [this.#seen, this.#minutes, ...this.#last]) to.number(value);
  }

  read(from: StateReader): void {
    this.#seen = from.number();
    this.#minutes = from.number();
    for (let i = 0; i < MINUTES; i++) this.#last[i] = from.number();
  }
}

export const NEW_TEMPLATES: MinuteDetectorKind = {
  name: 'new_templates',
  law: 'count',
  create: () => new NewTemplates(),
};
