import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess, eventually } from './agent-process.ts';

const agent = new AgentProcess();
beforeAll(() => agent.start());
afterAll(() => agent.remove());

const CASCADE = ['payment-service', 'order-service', 'gateway'];
const HISTORY_MS = 2 * 3_600_000;

describe('the simulated cascade, over the real API of a real agent', () => {
  it('is noticed in payment, order and gateway within 10 s of its start, in this order, with sample lines and a receipt', async () => {
    // Two hours of history take a few seconds to send; the cascade starts well after them.
    const startsMs = (Math.floor(Date.now() / 1000) + 25) * 1000;
    agent.run(
      'simulate',
      `--data-dir=${agent.dataDir}`,
      '--history=2h',
      '--seed=7',
      `--scenario=cascade@${new Date(startsMs).toISOString()}`,
      '--duration=50s',
    );
    const found = await eventually('anomalies of all three, with samples', 60_000, async () => {
      const anomalies = await agent.anomalies({ from: String(startsMs - 10_000) });
      const first = CASCADE.map((service) =>
        anomalies
          .filter((anomaly) => anomaly.service === service && anomaly.raw_data_sample.length > 0)
          .toSorted((a, b) => a.detected_at_ms - b.detected_at_ms)
          .at(0),
      ).filter((anomaly) => anomaly !== undefined);
      return first.length === CASCADE.length ? first : undefined;
    });
    const seconds = found.map((anomaly) => (anomaly.detected_at_ms - startsMs) / 1000);
    process.stderr.write(`cascade noticed after ${seconds.map((each) => each.toFixed(1)).join(', ')} s\n`);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(10);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(found.map((anomaly) => anomaly.direction)).toEqual(['high', 'high', 'high']);
    expect(found[0]?.raw_data_sample.some((line) => line.level === 'error')).toBe(true);
    expect(found[0]?.receipt.sample_hashes).toHaveLength(found[0]?.raw_data_sample.length ?? 0);

    const everything = await agent.anomalies({ from: String(startsMs - HISTORY_MS) });
    const others = everything.filter((anomaly) => !CASCADE.includes(anomaly.service) && anomaly.state !== 'withdrawn');
    expect(others.map((anomaly) => `${anomaly.service}: ${anomaly.reason}`)).toEqual([]);
  }, 120_000);
});
