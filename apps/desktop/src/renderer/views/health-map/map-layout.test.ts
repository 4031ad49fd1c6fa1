import { array, assert, constantFrom, nat, property, record, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layeredLayout, namespaceOf, nearest, NODE_HEIGHT, NODE_WIDTH } from './map-layout.ts';

const SHOP = [
  { from: 'api-gateway', to: 'order-service' },
  { from: 'api-gateway', to: 'auth-service' },
  { from: 'order-service', to: 'payment-service' },
  { from: 'payment-service', to: 'email-worker' },
];
const SERVICES = ['api-gateway', 'auth-service', 'email-worker', 'order-service', 'payment-service'];
const xOf = (layout: ReturnType<typeof layeredLayout>, id: string) =>
  layout.placed.find((one) => one.id === id)?.x ?? Number.NaN;

describe('the layout of the health map', () => {
  it('puts who is called right of who calls', () => {
    const layout = layeredLayout(SERVICES, SHOP);
    for (const { from, to } of SHOP) expect(xOf(layout, from)).toBeLessThan(xOf(layout, to));
  });

  it('draws services that call each other in a circle, and those that nobody calls', () => {
    const layout = layeredLayout(
      ['a', 'b', 'c', 'alone'],
      [
        { from: 'a', to: 'b' },
        { from: 'b', to: 'c' },
        { from: 'c', to: 'a' },
        { from: 'a', to: 'a' },
      ],
    );
    expect(layout.placed).toHaveLength(4);
  });

  it('puts services without calls below, side by side where there is room', () => {
    const { placed, width, height } = layeredLayout([...SERVICES, 'alone-1', 'alone-2', 'alone-3'], SHOP, 3);
    const below = placed.filter(({ id }) => id.startsWith('alone'));
    expect(new Set(below.map(({ y }) => y)).size).toBe(1);
    expect(new Set(below.map(({ x }) => x)).size).toBe(3);
    for (const { x, y } of placed) {
      expect(x + NODE_WIDTH).toBeLessThanOrEqual(width);
      expect(y + NODE_HEIGHT).toBeLessThanOrEqual(height);
    }
    expect(layeredLayout(['a', 'b', 'c', 'd'], [], 2)).toMatchObject({
      width: 2 * NODE_WIDTH + 56,
      height: 2 * NODE_HEIGHT + 14,
    });
  });

  it('is the same for the same map in any order, and lets no two nodes touch', () => {
    const id = constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
    assert(
      property(uniqueArray(id), array(record({ from: id, to: id })), nat(), (ids, edges, turn) => {
        const layout = layeredLayout(ids, edges);
        const turned = [...ids.slice(turn % (ids.length || 1)), ...ids.slice(0, turn % (ids.length || 1))];
        expect(layeredLayout(turned, edges.toReversed())).toEqual(layout);
        for (const [i, a] of layout.placed.entries()) {
          for (const b of layout.placed.slice(i + 1)) {
            expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
          }
        }
      }),
    );
  });

  it('moves to the nearest node in a direction, and stays where there is none', () => {
    const { placed } = layeredLayout(SERVICES, SHOP);
    expect(nearest(placed, 'order-service', 'right')).toBe('payment-service');
    expect(nearest(placed, 'order-service', 'left')).toBe('api-gateway');
    expect(nearest(placed, 'email-worker', 'right')).toBeNull();
  });

  it('groups by what names have in common', () => {
    expect(['payment-service', 'payment.worker', 'web/api', 'auth'].map(namespaceOf)).toEqual([
      'payment',
      'payment',
      'web',
      'auth',
    ]);
  });
});
