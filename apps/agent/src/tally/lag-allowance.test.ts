import { beforeEach, describe, expect, it } from 'vitest';
import { LEAST_LAG_SECONDS, learnLag, startLag } from './lag-allowance.ts';
import { SourceState } from './source-state.ts';
import { SourceTemplates } from './source-templates.ts';
import { NEW_YEAR, TallyProbe } from './testing/tally-probe.ts';

let source: SourceState;
const line = (second: number) => ({ ts: second, service: 'payment-service', level: 'INFO', msg: 'charged card' });

/** A record of ten lines: how old the oldest is, and how many came too late to be scored. */
function receive(receivedSecond: number, oldestAge: number, late = 0): void {
  source.recordEvents = 10;
  source.recordLate = late;
  source.recordOldest = receivedSecond - oldestAge;
  learnLag(source, receivedSecond);
}

beforeEach(() => {
  const templates = new SourceTemplates('01996f00-0000-7000-8000-000000000001', 'payment-service');
  source = new SourceState(0, templates, 'default');
});

describe('a source that starts in the middle of its backlog', () => {
  beforeEach(() => {
    source.watermark = NEW_YEAR - 40;
    startLag(source, NEW_YEAR);
  });

  it('is waited for as long as it is behind', () => {
    expect(source.isLagGuessed).toBe(true);
    expect(source.allowedLagSeconds).toBe(40 + LEAST_LAG_SECONDS);
    receive(NEW_YEAR + 1, 30);
    expect(source.allowedLagSeconds).toBe(40 + LEAST_LAG_SECONDS);
  });

  it('is no longer waited for once its backlog is through', () => {
    receive(NEW_YEAR + 1, 20);
    receive(NEW_YEAR + 2, 1);
    expect(source.isLagGuessed).toBe(false);
    expect(source.allowedLagSeconds).toBe(LEAST_LAG_SECONDS);
    // What is learnt from here on was seen, and stays: one punctual record does not take it back.
    receive(NEW_YEAR + 3, 19, 9);
    receive(NEW_YEAR + 4, 0);
    expect(source.allowedLagSeconds).toBe(20);
  });

  it('has its next second closed three seconds after it, not a minute', () => {
    const probe = new TallyProbe();
    probe.receive(line(NEW_YEAR - 40), NEW_YEAR);
    probe.receive(line(NEW_YEAR + 1), NEW_YEAR + 1);
    probe.tally.tick((NEW_YEAR + 2 + LEAST_LAG_SECONDS) * 1000);
    expect(probe.closedSeconds().at(-1)).toEqual([1, 1]);
  });
});

describe('a shipper', () => {
  it('that starts punctually is waited for three seconds', () => {
    source.watermark = NEW_YEAR;
    startLag(source, NEW_YEAR);
    expect([source.allowedLagSeconds, source.isLagGuessed]).toEqual([LEAST_LAG_SECONDS, false]);
  });

  it('whose lines mostly come too late is waited for, two minutes at most; a straggler changes nothing', () => {
    startLag(source, NEW_YEAR);
    source.allowedLagSeconds = LEAST_LAG_SECONDS;
    receive(NEW_YEAR, 29, 5);
    expect(source.allowedLagSeconds).toBe(LEAST_LAG_SECONDS);
    receive(NEW_YEAR + 1, 29, 6);
    expect(source.allowedLagSeconds).toBe(30);
    receive(NEW_YEAR + 2, 600, 10);
    expect(source.allowedLagSeconds).toBe(120);
  });

  it('that has become quicker is waited for as long as it needed in the last ten minutes', () => {
    source.lagPeriodStart = NEW_YEAR;
    receive(NEW_YEAR + 1, 59, 10);
    for (let second = 2; second <= 600; second++) receive(NEW_YEAR + second, 9);
    expect(source.allowedLagSeconds).toBe(60);
    for (let second = 601; second <= 1200; second++) receive(NEW_YEAR + second, 9);
    expect(source.allowedLagSeconds).toBe(10);
  });
});
