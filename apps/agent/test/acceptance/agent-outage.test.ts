import { expect, it } from 'vitest';
import { runAgentOutage } from './agent-outage.ts';

it('an outage of every channel, with the agent killed twice, loses no incident and opens and ends each page once', async () => {
  const result = await runAgentOutage({
    incidents: 6,
    kills: 2,
    outageMs: 15_000,
    drainMs: 90_000,
    say: (line) => process.stderr.write(`${line}\n`),
  });
  expect(result).toEqual({
    incidents: 6,
    pagerDuty: { opened: 6, resolved: 6, stillOpen: 0 },
    slack: { missing: 0, repeats: 0, problems: [], rateLimitHits: 0 },
    mail: { missing: 0 },
    webhook: { missing: 0, repeats: expect.any(Number) },
    badAudit: null,
  });
}, 240_000);
