import type { Freshness } from '../../bridge/freshness.ts';
import { duration, stopwatch } from '../words/duration.ts';
import { secondOf, type Clock } from '../words/clock.ts';

export type Tone = 'good' | 'quiet' | 'warn' | 'bad';

export interface FreshnessWords {
  /** A mark that differs in shape, so that the state is never told by colour alone. */
  readonly mark: string;
  readonly word: string;
  readonly detail: string;
  readonly tone: Tone;
}

export function freshnessWords(freshness: Freshness, clock: Clock): FreshnessWords {
  switch (freshness.type) {
    case 'live':
      return { mark: '●', word: 'LIVE', detail: duration(freshness.ageMs), tone: 'good' };
    case 'lagging':
      return { mark: '◐', word: 'LAG', detail: duration(freshness.ageMs), tone: 'warn' };
    case 'stale':
      return { mark: '◌', word: 'STALE', detail: stopwatch(freshness.ageMs), tone: 'warn' };
    case 'held':
      return {
        mark: '❚❚',
        word: 'HELD',
        detail:
          duration(Math.floor(freshness.heldMs / 1000) * 1000).replace('.0', '') +
          (freshness.newAnomalies > 0 ? ` · ${freshness.newAnomalies} new` : ''),
        tone: 'quiet',
      };
    case 'degraded':
      return { mark: '◑', word: 'DEGRADED', detail: freshness.reason, tone: 'warn' };
    case 'reconnecting':
      return { mark: '↻', word: 'RECONNECTING', detail: `${Math.ceil(freshness.inMs / 1000)} s`, tone: 'warn' };
    case 'offline':
      return { mark: '⊘', word: 'OFFLINE', detail: `since ${secondOf(freshness.sinceMs, clock)}`, tone: 'bad' };
    case 'refused':
      return { mark: '⊘', word: 'REFUSED', detail: freshness.reason, tone: 'bad' };
    case 'connecting':
      return { mark: '↻', word: 'CONNECTING', detail: '', tone: 'quiet' };
    case 'waiting':
      return { mark: '○', word: 'CONNECTED', detail: 'no log line yet', tone: 'quiet' };
    case 'no_agent':
      return { mark: '○', word: 'NO AGENT', detail: '', tone: 'quiet' };
    default:
      return freshness satisfies never;
  }
}
