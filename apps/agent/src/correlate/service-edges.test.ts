import { describe, expect, it } from 'vitest';
import { ServiceEdges, type TracedLine } from './service-edges.ts';

/** One trace: services in the order in which they speak, 10 ms apart. */
function trace(traceId: string, services: readonly string[], tenant = 'default'): TracedLine[] {
  return services.map((service, index) => ({ tenant, service, traceId, atMs: 1_767_229_200_000 + index * 10 }));
}

const drawn = (edges: ServiceEdges) =>
  edges
    .edges()
    .map(({ from, to }) => `${from}→${to}`)
    .toSorted();

describe('service edges', () => {
  it('tell the caller from the callers of the caller and from siblings', () => {
    const edges = new ServiceEdges();
    // order calls payment and mail in turn, in either order, or only one of them.
    const shapes = [
      ['gateway', 'order', 'payment', 'mail'],
      ['gateway', 'order', 'mail', 'payment'],
      ['gateway', 'order', 'payment'],
      ['gateway', 'order', 'mail'],
    ];
    for (let i = 0; i < 200; i++) edges.learn(trace(`t${i}`, shapes[i % 4]));
    expect(drawn(edges)).toEqual(['gateway→order', 'order→mail', 'order→payment']);
    expect(edges.calls('default', 'order', 'payment')).toBe(true);
    expect(edges.calls('default', 'payment', 'order')).toBe(false);
    expect(edges.calls('other', 'order', 'payment')).toBe(false);
  });

  it('know two callers of one service', () => {
    const edges = new ServiceEdges();
    for (let i = 0; i < 50; i++) {
      edges.learn(trace(`a${i}`, ['gateway', 'auth']));
      edges.learn(trace(`b${i}`, ['admin', 'auth']));
    }
    expect(drawn(edges)).toEqual(['admin→auth', 'gateway→auth']);
  });

  it('make nothing of two traces, of lines in one millisecond, or of one service alone', () => {
    const edges = new ServiceEdges();
    edges.learn([...trace('a', ['gateway', 'order']), ...trace('b', ['gateway', 'order'])]);
    const atOnce = trace('c', ['x', 'y', 'z']).map((line) => ({ ...line, atMs: 0 }));
    for (let i = 0; i < 10; i++) edges.learn([...atOnce, ...trace(`d${i}`, ['order', 'order'])]);
    expect(drawn(edges)).toEqual([]);
  });

  it('come back as they were stored, and say once that they have changed', () => {
    const edges = new ServiceEdges();
    for (let i = 0; i < 5; i++) edges.learn(trace(`t${i}`, ['gateway', 'order']));
    const stored = edges.takeChanged();
    expect(edges.takeChanged()).toBeNull();
    const restored = new ServiceEdges();
    restored.restore(stored ?? []);
    expect(restored.edges()).toEqual(edges.edges());
    expect(restored.takeChanged()).toBeNull();
  });

  it('keep to their bound, and to the pairs that are seen most', () => {
    const edges = new ServiceEdges();
    for (let i = 0; i < 20; i++) edges.learn(trace(`t${i}`, ['gateway', 'order']));
    for (let i = 0; i < 6000; i++) edges.learn(trace(`x${i}`, [`scanner-${i}`, 'order']));
    expect(edges.takeChanged()?.length).toBeLessThanOrEqual(5000);
    expect(edges.dropped).toBeGreaterThan(0);
    expect(edges.calls('default', 'gateway', 'order')).toBe(false);
  });
});
