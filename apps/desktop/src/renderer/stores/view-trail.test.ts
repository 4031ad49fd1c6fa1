import { describe, expect, it } from 'vitest';
import { ViewTrail } from './view-trail.ts';

describe('ViewTrail', () => {
  it('leads back the way one came, and forward again', () => {
    const trail = new ViewTrail();
    trail.leave('heartbeat', 'incidents');
    trail.leave('incidents', 'timeline');
    expect(trail.follow('back', 'timeline')).toBe('incidents');
    expect(trail.follow('back', 'incidents')).toBe('heartbeat');
    expect(trail.follow('back', 'heartbeat')).toBeNull();
    expect(trail.follow('forward', 'heartbeat')).toBe('incidents');
  });

  it('swaps with the last view, to and fro', () => {
    const trail = new ViewTrail();
    expect(trail.follow('last', 'heartbeat')).toBeNull();
    trail.leave('heartbeat', 'incidents');
    expect(trail.follow('last', 'incidents')).toBe('heartbeat');
    expect(trail.follow('last', 'heartbeat')).toBe('incidents');
  });
});
