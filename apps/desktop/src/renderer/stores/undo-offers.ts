import { createStore } from 'zustand/vanilla';

/** As many and as long as the desk of incidents keeps its own (ux §2.6). */
const MAX_OFFERS = 50;
const KEPT_MS = 10 * 60_000;

interface Offer {
  readonly words: string;
  readonly atMs: number;
  readonly undo: () => void;
}

/**
 * What else than incidents was changed and can be changed back: a sensitivity, a rule's switch. `z` takes back the
 * newest of everything; an undo is a change of its own and offers its way back again.
 */
export class UndoOffers {
  readonly state = createStore<{ readonly offers: readonly Offer[] }>(() => ({ offers: [] }));
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Returns what takes it back, once: for the button on its toast, which must not do it again after `z` did. */
  offer(words: string, undo: () => void): () => void {
    const offer: Offer = { words, atMs: this.#now(), undo };
    this.state.setState(({ offers }) => ({ offers: [...offers, offer].slice(-MAX_OFFERS) }));
    return () => this.#take(offer);
  }

  /** When the newest that can still be taken back was made; null when there is none. */
  newestAtMs(): number | null {
    const newest = this.state.getState().offers.at(-1);
    return newest === undefined || this.#now() - newest.atMs > KEPT_MS ? null : newest.atMs;
  }

  undo(): void {
    const newest = this.state.getState().offers.at(-1);
    if (newest !== undefined) this.#take(newest);
  }

  #take(offer: Offer): void {
    const { offers } = this.state.getState();
    if (!offers.includes(offer)) return;
    this.state.setState({ offers: offers.filter((one) => one !== offer) });
    offer.undo();
  }
}
