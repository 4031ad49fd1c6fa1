import {
  DETECTORS,
  type Detector,
  type Finding,
  MINUTE_DETECTORS,
  type MinuteDetector,
  verifyReceipt,
} from '@sentinellog/detector';
import { type Anomaly, AnomalySchema, CANARY_TRIALS } from '@sentinellog/shared';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Canary, type CanaryParts, TRIALS } from './canary.ts';

const NOON = Date.UTC(2026, 2, 2, 12);
const HOUR = 3_600_000;

function canary(overrides: Partial<CanaryParts> = {}) {
  const raised: Anomaly[] = [];
  const clock = { nowMs: NOON };
  const made = new Canary({
    agentId: '01996f00-0000-7000-8000-0000000000ff',
    agentName: 'sentinellog-eu',
    startedMs: NOON - HOUR,
    raise: (anomaly) => raised.push(AnomalySchema.parse(anomaly)),
    open: null,
    liveSources: () => [],
    now: () => clock.nowMs,
    ...overrides,
  });
  return { canary: made, raised, clock };
}

/** A detector that has lost its voice, or (with a finding) never stops. */
function sabotaged(name: string, always: ((window: Finding['window']) => Finding) | null): Detector {
  return {
    name,
    judge: (window, { early }) => (early || !always ? null : always(window)),
    interrupt: () => undefined,
    write: () => undefined,
    read: () => undefined,
  };
}

function silentMinutes(name: string): MinuteDetector {
  return { ...sabotaged(name, null), seconds: 60, judge: () => [] };
}

function cry(window: Finding['window']): Finding {
  return { detector: 'seasonal_z_score', direction: 'high', window, score: 9, reason: 'everything is an anomaly' };
}

describe('the canary', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('passes all trials at every sensitivity with what is shipped, and raises nothing', async () => {
    const { canary: healthy, raised } = canary();
    const { state, trials, blind_since_ms } = await healthy.run();
    expect(trials.filter(({ ok }) => !ok)).toEqual([]);
    expect(trials).toHaveLength(CANARY_TRIALS.length * 3);
    expect([state, blind_since_ms, raised]).toEqual(['ok', null, []]);
  }, 60_000);

  it('has a trial for every detector of the registry: whoever adds one adds its trial', () => {
    const tried = new Set(Object.values(TRIALS).map(({ wanted }) => wanted?.detector));
    const untried = [...DETECTORS, ...MINUTE_DETECTORS].filter(({ name }) => !tried.has(name));
    expect(untried.map(({ name }) => name)).toEqual([]);
  });

  it.each([...DETECTORS, ...MINUTE_DETECTORS].map(({ name }) => name))(
    'is blind when %s has fallen silent, and says which trials went wrong',
    async (name) => {
      const kind = DETECTORS.find((one) => one.name === name);
      if (kind) vi.spyOn(kind, 'create').mockImplementation(() => sabotaged(name, null));
      const ofMinutes = MINUTE_DETECTORS.find((one) => one.name === name);
      if (ofMinutes) vi.spyOn(ofMinutes, 'create').mockImplementation(() => silentMinutes(name));
      const { canary: watching, raised } = canary();
      expect((await watching.run()).state).toBe('blind');
      expect(raised).toMatchObject([{ detector: 'canary', state: 'open', severity: 'P1' }]);
      for (const [trial, { wanted }] of Object.entries(TRIALS))
        if (wanted?.detector === name) expect(raised[0].reason).toContain(trial);
    },
    60_000,
  );

  it('raises an anomaly about the agent within its hour, and ends it when it is mended', async () => {
    const { canary: watching, raised, clock } = canary();
    await watching.run();
    const [kind] = DETECTORS;
    vi.spyOn(kind, 'create').mockImplementation(() => sabotaged(kind.name, null));
    clock.nowMs += HOUR;
    const { state, blind_since_ms } = await watching.run();
    expect([state, blind_since_ms]).toEqual(['blind', NOON]);
    expect(raised).toMatchObject([
      { service: 'sentinellog-eu', detector: 'canary', state: 'open', severity: 'P1', started_at_ms: NOON },
    ]);
    expect(raised[0].reason).toContain('blind since 2026-03-02T12:00:00.000Z');
    expect(verifyReceipt(raised[0].receipt).differences).toEqual([]);
    vi.restoreAllMocks();
    clock.nowMs += HOUR;
    expect((await watching.run()).state).toBe('ok');
    expect(raised.at(-1)).toMatchObject({ event_id: raised[0].event_id, state: 'recovered' });
  }, 60_000);

  it('raises one when a detector cries at everything', async () => {
    const { canary: watching, raised } = canary();
    vi.spyOn(DETECTORS[0], 'create').mockImplementation(() => sabotaged('seasonal_z_score', cry));
    expect((await watching.run()).trials.find(({ trial }) => trial === 'calm')?.ok).toBe(false);
    expect(raised[0].reason).toContain('calm');
  }, 60_000);

  it('tells of live sources whose seconds no longer close, between its runs', () => {
    let closedThrough = NOON / 1000;
    const { canary: watching, raised, clock } = canary({ liveSources: () => [{ service: 'gateway', closedThrough }] });
    watching.look();
    expect(raised).toEqual([]);
    clock.nowMs += HOUR;
    watching.look();
    expect(raised).toMatchObject([{ state: 'open' }]);
    closedThrough = clock.nowMs / 1000;
    watching.look();
    expect(raised.at(-1)).toMatchObject({ state: 'recovered' });
  });

  it('ends what it raised before a restart', async () => {
    const before = canary();
    vi.spyOn(DETECTORS[0], 'create').mockImplementation(() => sabotaged('seasonal_z_score', null));
    await before.canary.run();
    vi.restoreAllMocks();
    const after = canary({ open: before.raised[0] });
    await after.canary.run();
    expect(after.raised).toMatchObject([{ event_id: before.raised[0].event_id, state: 'recovered' }]);
  }, 60_000);
});
