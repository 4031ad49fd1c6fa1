import type { MaintenanceWindow } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { anAlert, anIncident, aWindow, MINUTE, NIGHT } from './testing/routing-builders.ts';
import { WindowWatch } from './window-watch.ts';

const HOUR = 60 * MINUTE;
const watching = (...windows: MaintenanceWindow[]) =>
  new WindowWatch(() => windows, { of: (sourceId) => ({ tags: sourceId === 'tagged' ? ['test'] : [] }) });
const over = (window: MaintenanceWindow, service = 'payment-service', sourceId = 'source-1', tenant = 'default') =>
  watching(window).over(tenant, service, sourceId, NIGHT) !== undefined;

describe('a maintenance window', () => {
  it.each([
    ['a service like its pattern', aWindow(), true],
    ['another service', aWindow({ services: ['order-*'] }), false],
    ['a source by its id', aWindow({ services: [], sources: ['source-1'] }), true],
    ['everything, when it names nothing', aWindow({ services: [] }), true],
    ['nothing of another tenant', aWindow({ tenant: 'acme' }), false],
    ['nothing while it is switched off', aWindow({ enabled: false }), false],
  ])('covers %s: %#', (_what, window, expected) => {
    expect(over(window)).toBe(expected);
  });

  it('covers sources by tag', () => {
    expect(over(aWindow({ services: [], tags: ['test'] }), 'any', 'tagged')).toBe(true);
    expect(over(aWindow({ services: [], tags: ['test'] }), 'any', 'other')).toBe(false);
  });

  it('begins and ends to the millisecond, also when the clock is set back', () => {
    const watch = watching(aWindow());
    const covers = (atMs: number) => watch.covering(anIncident(), atMs) !== undefined;
    const at = [-HOUR - 1, -HOUR, 2 * HOUR - 1, 2 * HOUR, 25 * HOUR, 0, -2 * HOUR];
    expect(at.map((offset) => covers(NIGHT + offset))).toEqual([false, true, true, false, false, true, false]);
  });

  it('of two covers an incident of two services between them', () => {
    const alerts = [anAlert(), anAlert({ alert_id: 'alert-2', service: 'order-service' })];
    const watch = watching(aWindow(), aWindow({ id: 'other', services: ['order-*'] }));
    expect(watch.covering(anIncident({ alerts }), NIGHT)).toMatchObject({ id: 'db-upgrade' });
  });

  it('is settled once, with its bill, and its next run has a bill of its own', () => {
    const window = aWindow({ repeats: { every: 'day', interval: 1 } });
    const watch = watching(window);
    expect(watch.settle(NIGHT)).toEqual([]);
    watch.bill(window, 'incident-1', 2, NIGHT);
    watch.bill(window, 'incident-1', 1, NIGHT);
    expect(watch.settle(NIGHT + 2 * HOUR)).toMatchObject([{ incidentIds: ['incident-1'], notices: 3, isOver: true }]);
    expect(watch.settle(NIGHT + 3 * HOUR)).toEqual([]);
    expect(watch.settle(NIGHT + 24 * HOUR)).toEqual([]);
    expect(watch.settle(NIGHT + 48 * HOUR)).toMatchObject([{ incidentIds: [], notices: 0 }]);
  });
});
