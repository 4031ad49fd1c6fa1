import { type Anomaly, severityOf, type Source } from '@sentinellog/shared';
import { anAnomaly } from '@sentinellog/shared/testing';
import type { FakeStory } from './fake-traffic.ts';

/** Real-looking lines, two of which try something. */
const HOSTILE_SAMPLE = [
  'connection pool exhausted: 50/50 in use, waited 30000 ms for a free one (jdbc:postgresql://db-eu-3/payments)',
  'charge failed for order 7c1f user=\u202Enimda\u202C card=**** 4242: PSQLException: timeout\r\n\u0007fake line',
  'retrying <img src=x onerror="alert(1)"> attempt=3 backoff=2s',
] as const;

/** What a detector would have made of the story, in the services that the agent with this code has. */
export function fakeAnomalies(
  { spike, drop }: FakeStory,
  code: string,
  sourceOf: (service: string) => Source | undefined,
): readonly Anomaly[] {
  const make = (name: string, second: number, z: number, overrides: Partial<Anomaly>): Anomaly[] => {
    const source = sourceOf(name);
    if (source === undefined) return [];
    const anomaly = anAnomaly({
      event_id: `01996f00-0000-7000-8000-${code}-${name}-${second}`,
      source_id: source.source_id,
      service: name,
      deviation_score: z,
      severity: severityOf(z),
      direction: z > 0 ? 'high' : 'low',
      started_at_ms: second * 1000,
      last_outside_ms: (second + 40) * 1000,
      detected_at_ms: second * 1000 + 1040,
      ...overrides,
    });
    return [{ ...anomaly, receipt: { ...anomaly.receipt, service: name, window_start: second, z } }];
  };
  return [
    ...make(spike.service, spike.from + 4, 14.2, {
      raw_data_sample: HOSTILE_SAMPLE.map((message, i) => ({
        at_ms: (spike.from + 4) * 1000 + i * 137,
        level: i === 2 ? 'warn' : 'error',
        message,
        trace_id: `4bf92f3577b34da6a3ce929d0e0e473${i}`,
      })),
    }),
    ...make('order-service', spike.from + 19, 4.1, {
      observed: 402,
      expected: 181,
      reason: '402 lines in 1 s where 181 are normal (4.1σ above)',
    }),
    ...make('api-gateway', spike.from + 31, 2.7, {
      state: 'recovered',
      ended_at_ms: (spike.from + 60) * 1000,
      observed: 790,
      expected: 624,
      reason: '790 lines in 1 s where 624 are normal (2.7σ above)',
    }),
    ...make(drop.service, drop.from + 2, -3.1, {
      state: 'recovered',
      ended_at_ms: (drop.from + 47) * 1000,
      observed: 76,
      expected: 312,
      reason: '76 lines in 1 s where 312 are normal (3.1σ below)',
      raw_data_sample: [],
    }),
  ];
}
