import { describe, expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.ts';
import { UndoOffers } from './undo-offers.ts';

function some() {
  const clock = new FakeClock(1_767_229_200_000);
  const offers = new UndoOffers(clock.now);
  const undone: string[] = [];
  return { clock, offers, undone, offer: (name: string) => offers.offer(name, () => undone.push(name)) };
}

describe('what can be changed back', () => {
  it('is taken back newest first, each once, by key or by button', () => {
    const { offers, undone, offer } = some();
    const first = offer('sensitivity');
    offer('rule');
    offers.undo();
    first();
    first();
    offers.undo();
    expect(undone).toEqual(['rule', 'sensitivity']);
    expect(offers.newestAtMs()).toBeNull();
  });

  it('is no longer offered to z after ten minutes', () => {
    const { clock, offers, offer } = some();
    offer('rule');
    expect(offers.newestAtMs()).toBe(clock.now());
    clock.advance(10 * 60_000 + 1);
    expect(offers.newestAtMs()).toBeNull();
  });
});
