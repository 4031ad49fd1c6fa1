import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { Toasts } from './toasts.ts';

const shownBy = (toasts: Toasts) => toasts.state.getState().shown.map(({ text }) => text);

describe('toasts', () => {
  it('go after their time, unless they tell of a failure', () => {
    const clock = new FakeClock(0);
    const toasts = new Toasts(clock.now, clock.setTimer);
    toasts.show({ text: 'Acknowledged', tone: 'good', forMs: 6000, actions: [] });
    toasts.show({ text: 'Could not resolve', tone: 'bad', forMs: null, actions: [] });
    clock.advance(60_000);
    expect(shownBy(toasts)).toEqual(['Could not resolve']);
  });

  it('wait while somebody points at them', () => {
    const clock = new FakeClock(0);
    const toasts = new Toasts(clock.now, clock.setTimer);
    toasts.show({ text: 'Acknowledged', tone: 'good', forMs: 6000, actions: [] });
    toasts.hold();
    clock.advance(60_000);
    expect(shownBy(toasts)).toEqual(['Acknowledged']);
    toasts.release();
    clock.advance(6000);
    expect(shownBy(toasts)).toEqual([]);
  });

  it('are three at most; what makes room stays in the history', () => {
    const clock = new FakeClock(0);
    const toasts = new Toasts(clock.now, clock.setTimer);
    for (const text of ['1', '2', '3', '4']) toasts.show({ text, tone: 'good', forMs: 6000, actions: [] });
    expect(shownBy(toasts)).toEqual(['2', '3', '4']);
    expect(toasts.state.getState().history.map(({ text }) => text)).toEqual(['4', '3', '2', '1']);
  });
});
