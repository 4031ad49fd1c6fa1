import {
  type ExplainAgainst,
  type ExplainMessage,
  type ExplainRequest,
  type ExplainRow,
  MAX_OTHER_TEMPLATES,
  MAX_OTHER_TEXT,
} from '@sentinellog/shared';
import { createStore } from 'zustand/vanilla';
import type { CallError, ConsoleBridge } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import type { Span } from './view-window.ts';

export type ExplainOrder = ExplainRequest['order'];

/** What a person compares a range with, in place of what the agent chooses. */
export type Reference =
  | { readonly type: 'before' }
  | { readonly type: 'range'; readonly span: Span }
  /** What another cluster logged in the same range. */
  | { readonly type: 'cluster'; readonly agentId: string; readonly name: string };

/** Which range of which agents, and what it is compared with. */
export interface ExplainQuestion {
  readonly span: Span;
  /** Agents in scope, each with the source ids that are asked about; null stands for all of them. */
  readonly agents: readonly { readonly agentId: string; readonly sources: readonly string[] | null }[];
  /** Names of the services that are asked about, as another cluster knows them; null stands for all. */
  readonly services: readonly string[] | null;
  readonly against: Reference | null;
  readonly order: ExplainOrder;
}

/** What one agent has said so far. */
export interface ExplainPart {
  readonly summary: (ExplainMessage & { type: 'summary' }) | null;
  readonly remainder: (ExplainMessage & { type: 'remainder' }) | null;
  readonly progress: { readonly done: number; readonly of: number } | null;
  readonly isDone: boolean;
  readonly error: CallError | null;
}

export interface KeyedRow {
  /** Stays the same while better versions of the row come in. */
  readonly key: string;
  readonly agentId: string;
  readonly rank: number;
  readonly row: ExplainRow;
}

export interface ExplanationState {
  readonly question: ExplainQuestion | null;
  readonly parts: ReadonlyMap<string, ExplainPart>;
  /** In the order in which they are shown, which is not always the order of their ranks. */
  readonly rows: readonly KeyedRow[];
  /** How many would change places if they were ranked anew. */
  readonly moved: number;
}

const NOTHING: ExplainPart = { summary: null, remainder: null, progress: null, isDone: false, error: null };
/** More rows than anybody reads; the rest is in the remainder. */
const MAX_ROWS = 50;
/** Of the cluster that is compared with: as many as an agent gives. */
const MAX_OTHER_ROWS = 200;

/**
 * What a brushed range is made of, as it comes in. Rows never change places while somebody points at them or stands
 * among them: what has moved is counted, and moves when a person says so.
 */
export class Explanation {
  readonly state = createStore<ExplanationState>(() => ({ question: null, parts: new Map(), rows: [], moved: 0 }));
  readonly #bridge: Pick<ConsoleBridge, 'explain' | 'stopExplaining' | 'onEvent'>;
  readonly #newId: () => string;
  #explanationId: string | null = null;
  #isAttended = false;
  #stopListening: (() => void) | null = null;

  constructor(bridge: Pick<ConsoleBridge, 'explain' | 'stopExplaining' | 'onEvent'>, newId: () => string) {
    this.#bridge = bridge;
    this.#newId = newId;
  }

  /** Asks every agent in the question; an earlier question is taken back. */
  async ask(question: ExplainQuestion): Promise<void> {
    this.#takeBack();
    const explanationId = this.#newId();
    this.#explanationId = explanationId;
    this.#stopListening = this.#bridge.onEvent((event) => this.#take(event));
    const { against } = question;
    // A cluster is not compared with itself.
    const agents = question.agents.filter(({ agentId }) => against?.type !== 'cluster' || agentId !== against.agentId);
    const asked = { ...question, agents };
    const parts = new Map(agents.map(({ agentId }) => [agentId, NOTHING] as const));
    this.state.setState({ question: asked, parts, rows: [], moved: 0 });
    const isLate = () => this.#explanationId !== explanationId;
    const compared = against?.type === 'cluster' ? await this.#countsOf(against, asked, explanationId) : against;
    if (isLate()) return;
    if (compared !== null && 'error' in compared) {
      for (const { agentId } of agents) this.#change(agentId, { isDone: true, error: compared.error });
      return;
    }
    await Promise.all(
      agents.map(async ({ agentId, sources }) => {
        const answer = await this.#bridge.explain({
          agentId,
          explanationId: idFor(explanationId, agentId),
          request: requestOf(question, sources, compared),
        });
        if (isLate()) return;
        this.#change(agentId, answer.ok ? { isDone: true } : { isDone: true, error: answer.error });
      }),
    );
  }

  /** What the other cluster counted in the range; its lines are not waited for. */
  async #countsOf(
    { agentId, name }: Reference & { readonly type: 'cluster' },
    { span, services }: ExplainQuestion,
    question: string,
  ): Promise<ExplainAgainst | { readonly error: CallError }> {
    const explanationId = idFor(`${question}-with`, agentId);
    const rows: ExplainRow[] = [];
    let isCounted = false;
    const stop = this.#bridge.onEvent((event) => {
      if (event.type !== 'explanation' || event.explanationId !== explanationId || isCounted) return;
      if (event.message.type === 'row') rows.push(event.message.row);
      if (event.message.type !== 'remainder') return;
      isCounted = true;
      void this.#bridge.stopExplaining({ explanationId });
    });
    const request = { from: span.fromMs, to: span.toMs, order: 'biggest', limit: MAX_OTHER_ROWS } as const;
    const answer = await this.#bridge.explain({
      agentId,
      explanationId,
      request: services === null ? request : { ...request, sources: [...services] },
    });
    stop();
    if (!isCounted && !answer.ok) return { error: answer.error };
    const templates = rows
      .flatMap((row) => row.templates)
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count)
      .slice(0, MAX_OTHER_TEMPLATES)
      .map(({ template_id, text, count }) => ({ template_id, text: text.slice(0, MAX_OTHER_TEXT), count }));
    return { kind: 'other_cluster', name, templates };
  }

  /** The same question once more. */
  async again(): Promise<void> {
    const { question } = this.state.getState();
    if (question !== null) await this.ask(question);
  }

  stop(): void {
    this.#takeBack();
  }

  /** A pointer is over the rows, or the focus is among them. */
  attend(isAttended: boolean): void {
    this.#isAttended = isAttended;
    if (!isAttended) this.rerank();
  }

  rerank(): void {
    const { rows, moved } = this.state.getState();
    if (moved > 0) this.state.setState({ rows: rows.toSorted(byRank), moved: 0 });
  }

  #takeBack(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    const { question, parts } = this.state.getState();
    const explanationId = this.#explanationId;
    this.#explanationId = null;
    if (explanationId === null || question === null) return;
    for (const { agentId } of question.agents) {
      if (parts.get(agentId)?.isDone === false) {
        void this.#bridge.stopExplaining({ explanationId: idFor(explanationId, agentId) });
      }
    }
  }

  #take(event: BridgeEvent): void {
    if (event.type !== 'explanation' || this.#explanationId === null) return;
    if (event.explanationId !== idFor(this.#explanationId, event.agentId)) return;
    const { agentId, message } = event;
    switch (message.type) {
      case 'summary':
        this.#change(agentId, { summary: message });
        return;
      case 'remainder':
        this.#change(agentId, { remainder: message });
        return;
      case 'progress':
        this.#change(agentId, { progress: message });
        return;
      case 'row':
        this.#put({ key: `${agentId}/${message.row.cluster_id}`, agentId, rank: message.rank, row: message.row });
        return;
      case 'done':
        this.#change(agentId, { isDone: true });
        return;
      default:
        message satisfies never;
    }
  }

  #change(agentId: string, change: Partial<ExplainPart>): void {
    const { parts } = this.state.getState();
    this.state.setState({ parts: new Map([...parts, [agentId, { ...(parts.get(agentId) ?? NOTHING), ...change }]]) });
  }

  #put(row: KeyedRow): void {
    const { rows } = this.state.getState();
    const at = rows.findIndex(({ key }) => key === row.key);
    if (at < 0 && rows.length >= MAX_ROWS) return;
    const next = at < 0 ? [...rows, row] : rows.with(at, row);
    const ranked = next.toSorted(byRank);
    // A new row at the end moves nobody; anything else waits while somebody looks.
    const shown = this.#isAttended ? next : ranked;
    this.state.setState({ rows: shown, moved: shown.filter(({ key }, i) => ranked[i]?.key !== key).length });
  }
}

function idFor(explanationId: string, agentId: string): string {
  return `${explanationId}-${agentId}`.slice(0, 64);
}

function requestOf(
  { span, order }: ExplainQuestion,
  sources: readonly string[] | null,
  against: ExplainAgainst | Exclude<Reference, { type: 'cluster' }> | null,
): ExplainRequest {
  return {
    from: span.fromMs,
    to: span.toMs,
    order,
    limit: MAX_ROWS,
    ...(sources === null ? {} : { sources: [...sources] }),
    ...(against === null ? {} : { against: 'kind' in against ? against : againstOf(against) }),
  };
}

function againstOf(reference: Exclude<Reference, { type: 'cluster' }>): ExplainAgainst {
  if (reference.type === 'before') return { kind: 'before' };
  return { kind: 'other_range', from: reference.span.fromMs, to: reference.span.toMs };
}

/** Agents rank their own rows; of several agents the larger excess of the same rank comes first. */
function byRank(a: KeyedRow, b: KeyedRow): number {
  return a.rank - b.rank || Math.abs(b.row.excess) - Math.abs(a.row.excess) || (a.key < b.key ? -1 : 1);
}

export interface ExplainTotals {
  readonly total: number;
  readonly expected: number;
  readonly excess: number;
  /** What no row holds; null while an agent has not said it. */
  readonly remainder: { readonly count: number; readonly expected: number; readonly clusters: number } | null;
  /** Lines that are in no row and no remainder: 0, or an agent's sums are wrong. */
  readonly missing: number;
}

/** The sums over all agents; null until one of them has said its own. */
export function totalsOf({ parts, rows }: Pick<ExplanationState, 'parts' | 'rows'>): ExplainTotals | null {
  const said = [...parts.values()].flatMap(({ summary }) => summary ?? []);
  if (said.length === 0) return null;
  const sum = (of: (part: ExplainMessage & { type: 'summary' }) => number) =>
    said.reduce((all, one) => all + of(one), 0);
  const rests = [...parts.values()].filter(({ error }) => error === null).map(({ remainder }) => remainder);
  const remainder = rests.some((rest) => rest === null)
    ? null
    : rests.reduce(
        (all, rest) => ({
          count: all.count + (rest?.count ?? 0),
          expected: all.expected + (rest?.expected ?? 0),
          clusters: all.clusters + (rest?.clusters ?? 0),
        }),
        { count: 0, expected: 0, clusters: 0 },
      );
  const total = sum((one) => one.total);
  const inRows = rows.reduce((all, { row }) => all + row.count, 0);
  return {
    total,
    expected: sum((one) => one.expected),
    excess: sum((one) => one.excess),
    remainder,
    missing: remainder === null ? 0 : Math.round(total - inRows - remainder.count),
  };
}
