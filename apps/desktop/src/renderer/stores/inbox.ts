import { createStore } from 'zustand/vanilla';
import type { DeskRow, DeskState } from './desk-state.ts';
import type { IncidentRef } from './incident-ref.ts';
import { allRows, fits, inOrder, rowKey, rowRef, rowsOf, type InboxFilter, type InboxScope } from './inbox-filter.ts';

/** The list may order itself anew only when nobody has touched it for this long (ux §2.5). */
const QUIET_MS = 3000;

export interface InboxState {
  readonly filter: InboxFilter;
  /** `refKey`s, in the order in which they are shown. It changes by what a person does, not by what comes in. */
  readonly order: readonly string[];
  /** How many fit the filter and are not in the list yet. */
  readonly fresh: number;
  readonly focused: string | null;
  readonly selected: ReadonlySet<string>;
  /** Where a sticky range began (`v`). */
  readonly stickyFrom: string | null;
}

export interface InboxOptions {
  readonly desk: () => Pick<DeskState, 'agents'>;
  readonly scope: () => InboxScope;
  readonly now: () => number;
}

/**
 * Which incidents are listed, in which order, and on which of them a person stands. Focus is an incident, never a
 * place: live news neither moves the focused row nor puts another one under the hand that is about to press a key.
 */
export class Inbox {
  readonly state = createStore<InboxState>(() => ({
    filter: { tab: 'review', severity: null, text: '' },
    order: [],
    fresh: 0,
    focused: null,
    selected: new Set(),
    stickyFrom: null,
  }));
  readonly #options: InboxOptions;
  /** What a person has acted on: it may leave the list, or come back by an undo, at once. */
  readonly #acted = new Set<string>();
  #attended = false;
  #touchedMs = Number.NEGATIVE_INFINITY;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** Whether a person stands in the list; while somebody does, nothing but them changes its order. */
  attend(attended: boolean): void {
    this.#attended = attended;
    this.touch();
  }

  touch(): void {
    this.#touchedMs = this.#options.now();
  }

  rows(): readonly DeskRow[] {
    return rowsOf(this.#options.desk(), this.state.getState().order);
  }

  /** What an action is about: the selection, or else the row in focus. */
  targets(): readonly IncidentRef[] {
    const { selected, focused } = this.state.getState();
    const keys = selected.size > 0 ? selected : new Set(focused === null ? [] : [focused]);
    return allRows(this.#options.desk())
      .filter((row) => keys.has(rowKey(row)))
      .map(rowRef);
  }

  /** The desk has changed: takes in what may be taken in, and counts the rest. */
  sync(): void {
    const idle = !this.#attended && this.#options.now() - this.#touchedMs >= QUIET_MS;
    const { order, selected } = this.state.getState();
    if (order.length === 0 || (idle && selected.size === 0)) {
      this.settle();
      return;
    }
    const all = allRows(this.#options.desk());
    const known = new Set(all.map(rowKey));
    const fitting = this.#fitting(all);
    const fittingKeys = new Set(fitting.map(rowKey));
    const kept = order.filter((key) => known.has(key) && (fittingKeys.has(key) || !this.#acted.has(key)));
    const back = fitting.filter((row) => this.#acted.has(rowKey(row)) && !kept.includes(rowKey(row)));
    const next = back.reduce<readonly string[]>((list, row) => withReturned(list, row, fitting), kept);
    const listed = new Set(next);
    this.#show(next, fitting.filter((row) => !listed.has(rowKey(row))).length);
  }

  /** Orders the list anew, with everything in it that fits. */
  settle(): void {
    this.#acted.clear();
    this.#show(this.#fitting(allRows(this.#options.desk())).map(rowKey), 0);
  }

  setFilter(change: Partial<InboxFilter>): void {
    this.state.setState({
      filter: { ...this.state.getState().filter, ...change },
      selected: new Set(),
      stickyFrom: null,
    });
    this.settle();
    const { order, focused } = this.state.getState();
    if (focused === null || !order.includes(focused)) this.state.setState({ focused: order[0] ?? null });
  }

  focus(ref: string | null): void {
    this.touch();
    const { stickyFrom, order } = this.state.getState();
    this.state.setState({ focused: ref });
    if (stickyFrom !== null && ref !== null) this.state.setState({ selected: rangeOf(order, stickyFrom, ref) });
  }

  move(step: number): void {
    const { order, focused } = this.state.getState();
    if (order.length === 0) return;
    const at = focused === null ? -1 : order.indexOf(focused);
    const next = at === -1 ? (step > 0 ? 0 : order.length - 1) : at + step;
    this.focus(order[Math.max(0, Math.min(order.length - 1, next))] ?? null);
  }

  toggleSelected(key: string): void {
    this.touch();
    const selected = new Set(this.state.getState().selected);
    if (!selected.delete(key)) selected.add(key);
    this.state.setState({ selected });
  }

  /** Shift+↓: takes the focused row and the next one in. */
  extend(step: 1 | -1): void {
    const { focused, selected } = this.state.getState();
    this.move(step);
    const now = this.state.getState().focused;
    this.state.setState({ selected: new Set([...selected, ...[focused, now].filter((key) => key !== null)]) });
  }

  toggleSticky(): void {
    const { focused, stickyFrom } = this.state.getState();
    if (focused === null) return;
    this.state.setState(
      stickyFrom === null ? { stickyFrom: focused, selected: new Set([focused]) } : { stickyFrom: null },
    );
  }

  selectAll(): void {
    this.touch();
    this.state.setState({ selected: new Set(this.state.getState().order) });
  }

  clearSelection(): void {
    this.state.setState({ selected: new Set(), stickyFrom: null });
  }

  /** These were acted on: they may leave the list now, and the selection has done its work. */
  acted(refs: readonly string[]): void {
    for (const key of refs) this.#acted.add(key);
    this.touch();
    this.clearSelection();
    this.sync();
  }

  /** The next un-acknowledged incident after the focused one, worst first; in the whole desk, whatever is filtered. */
  nextOpen(step: 1 | -1): DeskRow | undefined {
    const scope = this.#options.scope();
    const open = inOrder(
      allRows(this.#options.desk()).filter((row) => fits(row, { tab: 'review', severity: null, text: '' }, scope)),
    );
    const { focused } = this.state.getState();
    const at = open.findIndex((row) => rowKey(row) === focused);
    if (at === -1) return step === 1 ? open[0] : open.at(-1);
    return open[(at + step + open.length) % open.length];
  }

  #fitting(rows: readonly DeskRow[]): readonly DeskRow[] {
    const { filter } = this.state.getState();
    const scope = this.#options.scope();
    return inOrder(rows.filter((row) => fits(row, filter, scope)));
  }

  /** Focus follows its incident; when that has left, it goes to the next row, else to the one before (ux §2.5). */
  #show(order: readonly string[], fresh: number): void {
    const before = this.state.getState();
    const next: Partial<InboxState> = { fresh };
    if (!sameList(before.order, order)) {
      const listed = new Set(order);
      const { focused } = before;
      const at = focused === null ? -1 : before.order.indexOf(focused);
      const heir = [...before.order.slice(at + 1), ...before.order.slice(0, Math.max(0, at)).toReversed()].find((key) =>
        listed.has(key),
      );
      Object.assign(next, {
        order,
        selected: new Set([...before.selected].filter((key) => listed.has(key))),
        ...(at >= 0 && focused !== null && !listed.has(focused) ? { focused: heir ?? null } : {}),
      });
    }
    this.state.setState(next);
  }
}

/** A row that an undo has brought back, before the first one that it stood before. */
function withReturned(list: readonly string[], row: DeskRow, sorted: readonly DeskRow[]): readonly string[] {
  const later = sorted.slice(sorted.indexOf(row) + 1).map(rowKey);
  const at = list.findIndex((key) => later.includes(key));
  return at === -1 ? [...list, rowKey(row)] : list.toSpliced(at, 0, rowKey(row));
}

function rangeOf(order: readonly string[], from: string, to: string): ReadonlySet<string> {
  const [a, b] = [order.indexOf(from), order.indexOf(to)];
  return new Set(order.slice(Math.min(a, b), Math.max(a, b) + 1));
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}
