/** What routing remembers beside its documents, and how it comes through a restart. */
import type { RoutingNotice } from '@sentinellog/shared';
import type { IncidentLedger, IncidentRecord } from './incident-ledger.ts';
import type { Page, PageLedger } from './page-ledger.ts';
import type { DoneStep, RoutingRounds } from './routing-rounds.ts';
import type { SilenceBook, StoredSilence } from './silence-book.ts';
import type { WindowRun, WindowWatch } from './window-watch.ts';

/** Notices that wait to be stored; in an outage longer than that many, the oldest are lost. */
const MOST_NOTICES = 1000;

export interface RoutingMemory {
  readonly silences: readonly StoredSilence[];
  readonly records: readonly IncidentRecord[];
  readonly pages: readonly Page[];
  readonly runs: readonly WindowRun[];
  readonly notices: readonly RoutingNotice[];
}

/** What a start finds. */
export interface RestoredRouting extends Omit<RoutingMemory, 'notices'> {
  readonly steps: readonly DoneStep[];
}

export interface RoutingMemoryStore {
  /** Everything in one transaction. */
  saveMemory(memory: RoutingMemory): Promise<void>;
}

export interface RoutingStateParts {
  readonly store: RoutingMemoryStore;
  readonly silences: SilenceBook;
  readonly ledger: IncidentLedger;
  readonly pages: PageLedger;
  readonly windows: WindowWatch;
  readonly rounds: RoutingRounds;
  /** A new UUID. */
  readonly newId: () => string;
  /** Called with each notice as it is made: the log, later channels. */
  readonly onNotice: (notice: RoutingNotice) => void;
}

/** Collects what has changed since the last save and writes it together. */
export class RoutingState {
  readonly #parts: RoutingStateParts;
  #notices: RoutingNotice[] = [];
  /** Notices that were not stored, because there were too many. */
  dropped = 0;

  constructor(parts: RoutingStateParts) {
    this.#parts = parts;
  }

  restore({ silences, records, pages, runs, steps }: RestoredRouting): void {
    this.#parts.rounds.restore(steps);
    this.#parts.silences.restore(silences);
    this.#parts.ledger.restore(records);
    this.#parts.pages.restore(pages);
    this.#parts.windows.restore(runs);
  }

  notice(notice: Omit<RoutingNotice, 'notice_id'>): void {
    const whole = { notice_id: this.#parts.newId(), ...notice };
    this.#notices.push(whole);
    for (; this.#notices.length > MOST_NOTICES; this.dropped++) this.#notices.shift();
    this.#parts.onNotice(whole);
  }

  /** After a rejection everything is part of the next call. Never call it twice at a time. */
  async save(): Promise<void> {
    const { store, silences, ledger, pages, windows } = this.#parts;
    const memory = {
      silences: silences.takeChanged(),
      records: ledger.takeChanged(),
      pages: pages.takeUnsaved(),
      runs: windows.takeChanged(),
      notices: this.#notices,
    };
    if (Object.values(memory).every((changed) => changed.length === 0)) return;
    this.#notices = [];
    try {
      await store.saveMemory(memory);
    } catch (error) {
      silences.giveBack(memory.silences);
      ledger.giveBack(memory.records);
      pages.giveBack(memory.pages);
      windows.giveBack(memory.runs);
      this.#notices = [...memory.notices, ...this.#notices];
      throw error;
    }
  }
}
