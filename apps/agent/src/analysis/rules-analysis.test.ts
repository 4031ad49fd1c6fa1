import { describe, expect, it } from 'vitest';
import { rulesAnalysis } from './rules-analysis.ts';
import { cascadeFacts, STARTED_MS } from './testing/some-facts.ts';

describe('rulesAnalysis', () => {
  it('tells a cascade from its first mover, with evidence from times and lines', () => {
    const analysis = rulesAnalysis(cascadeFacts(), STARTED_MS + 30_000);
    expect(analysis.summary).toBe(
      'payment-service: more errors than normal, then order-service and api-gateway (14.2σ)',
    );
    expect(analysis.hypotheses[0]).toEqual({
      cause: 'A fault in payment-service spread to order-service and api-gateway',
      confidence: 'high',
      evidence: [
        'payment-service left its baseline first, at 01:00:00 UTC: error rate 31 %, normal 0.4 %',
        'order-service followed 12 s later',
        'api-gateway followed 21 s later',
        '1 nearby lines share a trace or a known dependency',
      ],
    });
    expect(analysis.hypotheses[1]?.cause).toContain('"connection pool exhausted" was never seen before');
    expect(analysis.steps).toEqual(['End the statement that holds the others.']);
  });

  it('says where to look when it knows nothing more', () => {
    const { incident } = cascadeFacts();
    const alone = { ...incident, services: ['payment-service'], alerts: incident.alerts.slice(0, 1) };
    const analysis = rulesAnalysis(
      { incident: alone, correlated: [], clusters: [], runbooks: [], similar: [] },
      STARTED_MS,
    );
    expect(analysis.hypotheses).toHaveLength(1);
    expect(analysis.hypotheses[0]?.confidence).toBe('low');
    expect(analysis.steps).toEqual(['Look at payment-service first: it left its baseline before the others.']);
  });

  it('takes a service that went quiet for stopped, cut off or unheard', () => {
    const { incident } = cascadeFacts();
    const quiet = {
      ...incident,
      services: ['order-service'],
      alerts: [{ ...incident.alerts[1], signal: 'volume', direction: 'low' as const, reason: 'no lines for 40 s' }],
    };
    const analysis = rulesAnalysis(cascadeFacts({ incident: quiet, clusters: [] }), STARTED_MS);
    expect(analysis.hypotheses[0]).toMatchObject({
      cause: 'order-service stopped or lost its traffic, or its shipper did',
      evidence: ['no lines for 40 s'],
    });
  });

  it('repeats how a similar one ended', () => {
    const similar = [
      {
        incident_id: 'x',
        key: 'INC-20251201101500',
        title: 'payment-service errors',
        started_at_ms: 0,
        resolution: 'fixed' as const,
        ending: 'rolled back 1.4.2',
      },
    ];
    const analysis = rulesAnalysis(cascadeFacts({ similar, clusters: [] }), STARTED_MS);
    expect(analysis.steps.at(-1)).toBe('Last time (INC-20251201101500): rolled back 1.4.2');
  });
});
