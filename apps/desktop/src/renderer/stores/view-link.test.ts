import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHash, viewHash, viewLink } from './view-link.ts';
import { createViewStore, type ViewState } from './view-store.ts';
import { readPreferences } from './preferences.ts';

const view = (overrides: Partial<ViewState> = {}): ViewState => ({
  ...createViewStore(readPreferences({ getItem: () => null, setItem: () => undefined })).getState(),
  ...overrides,
});
const T = 1_767_229_200_000;

describe('a link to what the chart shows', () => {
  it('brings back range, zoom, selection and what is alone', () => {
    const shown = view({
      rangeId: '6h',
      signal: 'error_rate',
      window: { type: 'fixed', fromMs: T, toMs: T + 3_600_000, sinceMs: 1, by: 'zoom' },
      selection: { fromMs: T + 60_000, toMs: T + 120_000 },
      explaining: true,
      services: ['payment-service', 'a,b&c#d'],
      isolated: { agentId: 'agent-eu', sourceId: '01996f00-0000' },
    });
    expect(readHash(viewHash(shown))).toMatchObject({
      view: 'heartbeat',
      rangeId: '6h',
      signal: 'error_rate',
      window: { type: 'fixed', fromMs: T, toMs: T + 3_600_000, by: 'zoom' },
      selection: { fromMs: T + 60_000, toMs: T + 120_000 },
      explaining: true,
      services: ['payment-service', 'a,b&c#d'],
      isolated: { agentId: 'agent-eu', sourceId: '01996f00-0000' },
    });
  });

  it('brings back what the feed and the timeline were narrowed down to', () => {
    const feedFilter = { text: 'pool exhausted & more', levels: ['error', 'fatal'] as const, template: null };
    expect(readHash(viewHash(view({ view: 'feed', feedFilter })))).toMatchObject({ view: 'feed', feedFilter });
    const hash = viewHash(view({ view: 'timeline', timelineWords: 'INC-20260101 mia' }));
    expect(readHash(hash)).toMatchObject({ view: 'timeline', timelineWords: 'INC-20260101 mia' });
  });

  it('does not freeze for others what was only held while somebody read', () => {
    const held = view({ window: { type: 'fixed', fromMs: T, toMs: T + 1000, sinceMs: 1, by: 'hover' } });
    expect(readHash(viewHash(held)).window).toBeUndefined();
  });

  it('leads to the page in a browser and to the console on a desktop', () => {
    expect(viewLink(view(), 'browser', 'https://eu:8400')).toBe('https://eu:8400/#/heartbeat?range=15m');
    expect(viewLink(view(), 'electron', 'sentinel://app')).toBe('sentinellog://view/heartbeat?range=15m');
  });

  it('takes nothing that it does not know from an address that somebody else wrote', () => {
    expect(readHash('#/admin?range=99y&signal=x&sel=9-1&window=a-b&alone=../x&template=javascript:1')).toEqual({});
    assert(
      property(string(), (text) => {
        const read = readHash(`#/${text}`);
        expect(Object.keys(read).length).toBeLessThanOrEqual(10);
      }),
    );
  });
});
