import { describe, expect, it } from 'vitest';
import type { ConnectionState } from '../../bridge/events.ts';
import { freshnessOf, freshnessOfAll, type AgentPulse, type Freshness } from '../../bridge/freshness.ts';
import { freshnessWords } from './freshness.ts';

const NOW = 1_767_229_200_000;
const OPEN: ConnectionState = { type: 'open', sinceMs: NOW - 60_000, role: 'viewer', scopes: ['read'], skewMs: 40 };
const RECONNECTING: ConnectionState = {
  type: 'reconnecting',
  attempt: 3,
  nextAtMs: NOW + 2100,
  downSinceMs: NOW - 4000,
  reason: 'connect ECONNREFUSED 10.0.0.7:8400',
};

function aPulse(overrides: Partial<AgentPulse> = {}): AgentPulse {
  return { name: 'prod-eu', connection: OPEN, dataAgeMs: 400, degraded: [], ...overrides };
}

function say(freshness: Freshness): string {
  const { mark, word, detail } = freshnessWords(freshness, 'utc');
  return `${mark} ${word} ${detail}`.trim();
}

describe('freshnessOf one agent', () => {
  it.each([
    [400, '● LIVE 0.4 s'],
    [3000, '● LIVE 3.0 s'],
    [3001, '◐ LAG 3.0 s'],
    [15_000, '◐ LAG 15 s'],
    [15_001, '◌ STALE 0:15'],
    [42_000, '◌ STALE 0:42'],
  ])('says of data that is %i ms old: %s', (dataAgeMs, words) => {
    expect(say(freshnessOf(aPulse({ dataAgeMs }), NOW))).toBe(words);
  });

  it('is waiting, not live, before the first line', () => {
    expect(say(freshnessOf(aPulse({ dataAgeMs: null }), NOW))).toBe('○ CONNECTED no log line yet');
  });

  it('counts down to the next attempt', () => {
    expect(say(freshnessOf(aPulse({ connection: RECONNECTING }), NOW))).toBe('↻ RECONNECTING 3 s');
  });

  it('says since when it is offline, and why it was refused', () => {
    const offline: ConnectionState = { ...RECONNECTING, type: 'offline', downSinceMs: NOW - 75_000 };
    expect(say(freshnessOf(aPulse({ connection: offline }), NOW))).toBe('⊘ OFFLINE since 00:58:45');
    const refused: ConnectionState = { type: 'refused', reason: 'the token is not accepted' };
    expect(say(freshnessOf(aPulse({ connection: refused }), NOW))).toBe('⊘ REFUSED the token is not accepted');
  });

  it('is degraded by what the agent says, and by clocks that disagree', () => {
    expect(say(freshnessOf(aPulse({ degraded: ['database down for 12 s'] }), NOW))).toBe(
      '◑ DEGRADED database down for 12 s',
    );
    const skewed: ConnectionState = { ...OPEN, skewMs: -4200 };
    expect(say(freshnessOf(aPulse({ connection: skewed }), NOW))).toBe('◑ DEGRADED clocks differ by 4.2 s');
  });

  it('never lets a softer word cover stale data', () => {
    expect(freshnessOf(aPulse({ dataAgeMs: 20_000, degraded: ['x'] }), NOW).type).toBe('stale');
  });
});

describe('freshnessOfAll', () => {
  it('is the word of the agent that is worst off', () => {
    expect(freshnessOfAll([aPulse(), aPulse({ dataAgeMs: 8000 })], null, NOW).type).toBe('lagging');
  });

  it('is partial while some clusters answer and others do not', () => {
    expect(say(freshnessOfAll([aPulse(), aPulse({ connection: RECONNECTING })], null, NOW))).toBe(
      '◑ DEGRADED 1 of 2 clusters answer',
    );
  });

  it('is down only when all are down', () => {
    const down = aPulse({ connection: RECONNECTING });
    expect(freshnessOfAll([down, down], null, NOW).type).toBe('reconnecting');
  });

  it('says how long it is held and what is new, unless that would hide stale or lost data', () => {
    const hold = { sinceMs: NOW - 12_300, newAnomalies: 3 };
    expect(say(freshnessOfAll([aPulse()], hold, NOW))).toBe('❚❚ HELD 12 s · 3 new');
    expect(freshnessOfAll([aPulse({ dataAgeMs: 60_000 })], hold, NOW).type).toBe('stale');
    expect(freshnessOfAll([aPulse({ connection: RECONNECTING })], hold, NOW).type).toBe('reconnecting');
  });

  it('has a word for no agent at all', () => {
    expect(say(freshnessOfAll([], null, NOW))).toBe('○ NO AGENT');
  });

  it('gives every state its own mark and word', () => {
    const states: Freshness[] = [
      { type: 'live', ageMs: 0 },
      { type: 'lagging', ageMs: 0 },
      { type: 'stale', ageMs: 0 },
      { type: 'held', heldMs: 0, newAnomalies: 0 },
      { type: 'degraded', reason: '' },
      { type: 'reconnecting', inMs: 0, reason: '' },
      { type: 'offline', sinceMs: 0, reason: '' },
    ];
    const words = states.map((state) => freshnessWords(state, 'utc'));
    expect(new Set(words.map(({ mark }) => mark)).size).toBe(states.length);
    expect(new Set(words.map(({ word }) => word)).size).toBe(states.length);
  });
});
