import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLink, INCIDENT_TABS, LINKED_VIEWS, type LinkTarget } from '../bridge/link-target.ts';
import { LinkTargetSchema, parseDeepLink } from './deep-link.ts';

const ID = '01996f2a-77aa-7000-8000-1234567890ab';

describe('a deep link', () => {
  it.each<[string, LinkTarget]>([
    [`sentinellog://incident/${ID}`, { to: 'incident', incidentId: ID, cluster: null, tab: null }],
    [
      `sentinellog://incident/${ID}?tab=logs&cluster=EU&ack=1`,
      { to: 'incident', incidentId: ID, cluster: 'EU', tab: 'logs' },
    ],
    [
      `sentinellog://heartbeat?cluster=EU,US&source=${ID}&from=1767229200000&to=1767232800000`,
      {
        to: 'heartbeat',
        clusters: ['EU', 'US'],
        sourceId: ID,
        span: { fromMs: 1_767_229_200_000, toMs: 1_767_232_800_000 },
      },
    ],
    ['sentinellog://heartbeat', { to: 'heartbeat', clusters: [], sourceId: null, span: null }],
    [`sentinellog://source/${ID}?panel=sensitivity`, { to: 'heartbeat', clusters: [], sourceId: ID, span: null }],
    ['sentinellog://view/settings', { to: 'view', view: 'settings', query: '' }],
    [`sentinellog://incident/${ID}?tab=evil`, { to: 'incident', incidentId: ID, cluster: null, tab: null }],
    ['sentinellog://setup?step=2', { to: 'view', view: 'setup', query: 'step=2' }],
    [`sentinellog://timeline?alert=${ID}`, { to: 'view', view: 'timeline', query: `alert=${ID}` }],
    ['sentinellog://feed?q=pool%20exhausted', { to: 'view', view: 'feed', query: 'q=pool%20exhausted' }],
    [`sentinellog://rule/${ID}`, { to: 'rule', ruleId: ID }],
    [
      'sentinellog://view/heartbeat?range=1h&sel=1767229200000-1767229260000',
      { to: 'view', view: 'heartbeat', query: 'range=1h&sel=1767229200000-1767229260000' },
    ],
  ])('%s is read', (link, target) => {
    expect(parseDeepLink(link)).toEqual(target);
  });

  it.each([
    'https://incident/x',
    `SENTINELLOG-evil://incident/${ID}`,
    'sentinellog:incident',
    'sentinellog://incident/1',
    `sentinellog://incident/${ID}/ack`,
    `sentinellog://incident/${ID.toUpperCase()}`,
    `sentinellog://anna:secret@incident/${ID}`,
    `sentinellog://incident:8400/${ID}`,
    'sentinellog://incident/..%2f..%2fetc',
    'sentinellog://agent/https%3A%2F%2Fevil.example',
    'sentinellog://view/%3Cscript%3E',
    'sentinellog://view/map?<script>',
    'sentinellog://rule/1',
    `sentinellog://heartbeat?source=${'x'.repeat(3000)}`,
    `sentinellog://heartbeat?source=javascript:alert(1)`,
  ])('%s leads nowhere', (link) => {
    expect(parseDeepLink(link)).toBeNull();
  });

  it('keeps the place when only its span makes no sense', () => {
    const target = { to: 'heartbeat', clusters: ['EU'], sourceId: null, span: null };
    expect(parseDeepLink('sentinellog://heartbeat?cluster=EU&from=9&to=3')).toEqual(target);
    expect(parseDeepLink('sentinellog://heartbeat?cluster=EU&from=1e99&to=3')).toEqual(target);
  });

  it('comes back from its own text', () => {
    const uuid = fc.uuid();
    const code = fc.constantFrom('EU', 'US', 'stg-1', 'Köln');
    const target: fc.Arbitrary<LinkTarget> = fc.oneof(
      fc.record({
        to: fc.constant('incident' as const),
        incidentId: uuid,
        cluster: fc.option(code),
        tab: fc.option(fc.constantFrom(...INCIDENT_TABS)),
      }),
      fc.record({ to: fc.constant('rule' as const), ruleId: uuid }),
      fc.record({
        to: fc.constant('heartbeat' as const),
        clusters: fc.array(code, { maxLength: 5 }),
        sourceId: fc.option(uuid),
        span: fc.option(
          fc
            .tuple(fc.nat(), fc.integer({ min: 1, max: 1_000_000 }))
            .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length })),
        ),
      }),
      fc.record({
        to: fc.constant('view' as const),
        view: fc.constantFrom(...LINKED_VIEWS),
        query: fc.constantFrom('', 'range=1h', 'range=15m&service=payment-service&q=a%20b'),
      }),
    );
    fc.assert(
      fc.property(target, (wanted) => {
        expect(parseDeepLink(formatLink(wanted))).toEqual(wanted);
      }),
    );
  });

  it('is a place of the grammar or nothing, whatever comes', () => {
    const piece = fc.constantFrom(
      'incident',
      'heartbeat',
      ID,
      '?',
      '&',
      '=',
      'cluster',
      '/',
      '%00',
      '..',
      '#',
      '\u202e',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (tail) => {
          const target = parseDeepLink(`sentinellog://${tail}`);
          expect(target === null || LinkTargetSchema.safeParse(target).success).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
