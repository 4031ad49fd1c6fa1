import { describe, expect, it } from 'vitest';
import { sourceHash } from './pipeline/record-contents.ts';
import { SourceRetention } from './source-retention.ts';

const DAY_MS = 86_400_000;

describe('retention of sources', () => {
  it('is what a person has set, else what the configuration says', () => {
    const sources = [
      { tenant: 'default', service: 'payment-service', retention_days: 365 },
      { tenant: 'default', service: 'debug-noise', retention_days: 2 },
      { tenant: 'default', service: 'gateway', retention_days: 30 },
    ];
    const retention = new SourceRetention(() => sources, 14);
    retention.refresh();
    const daysOf = (service: string) => retention.keepMs(sourceHash('default', service)) / DAY_MS;
    expect(['payment-service', 'debug-noise', 'gateway', 'never-seen'].map(daysOf)).toEqual([365, 2, 14, 14]);
    expect(retention.longestKeepMs()).toBe(365 * DAY_MS);
    sources.shift();
    retention.refresh();
    expect(retention.longestKeepMs()).toBe(14 * DAY_MS);
  });
});
