import { SEVERITIES, type Anomaly, type Severity } from '@sentinellog/shared';
import { isOpen, kindOf } from '../words/anomaly-words.ts';
import type { SetTimer } from './event-batch.ts';

/** A loud one is said at once, but no more often than this; the quiet ones wait for the digest (ux §5). */
const LOUD_EVERY_MS = 10_000;
const DIGEST_EVERY_MS = 30_000;

/** Decides which new anomalies are said aloud, and when: a storm must not talk over everything else. */
export class AnomalyCrier {
  readonly #now: () => number;
  readonly #setTimer: SetTimer;
  readonly #say: (text: string) => void;
  #lastLoudMs = Number.NEGATIVE_INFINITY;
  #waiting = new Map<Severity, number>();
  #cancel: (() => void) | null = null;

  constructor(now: () => number, setTimer: SetTimer, say: (text: string) => void) {
    this.#now = now;
    this.#setTimer = setTimer;
    this.#say = say;
  }

  /** An anomaly that was not known before. */
  cry(anomaly: Anomaly, clusterCode: string): void {
    if (!isOpen(anomaly)) return;
    const { severity } = anomaly;
    const loud = severity === 'P1' || severity === 'P2';
    const nowMs = this.#now();
    if (loud && nowMs - this.#lastLoudMs >= LOUD_EVERY_MS) {
      this.#lastLoudMs = nowMs;
      this.#say(`${severity} ${kindOf(anomaly)} of ${anomaly.service} at ${clusterCode}: ${anomaly.reason}`);
      return;
    }
    this.#waiting.set(severity, (this.#waiting.get(severity) ?? 0) + 1);
    this.#cancel ??= this.#setTimer(() => this.#digest(), DIGEST_EVERY_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#waiting.clear();
  }

  #digest(): void {
    this.#cancel = null;
    const words = SEVERITIES.flatMap((severity) => {
      const count = this.#waiting.get(severity);
      return count === undefined ? [] : `${count} new ${severity}`;
    });
    this.#waiting.clear();
    if (words.length > 0) this.#say(words.join(', '));
  }
}
