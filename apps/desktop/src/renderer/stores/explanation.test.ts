import type { ExplainMessage, ExplainRequest, ExplainRow } from '@sentinellog/shared';
import { LEVELS } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../bridge/calls.ts';
import type { BridgeEvent } from '../../bridge/events.ts';
import { FakeBridge } from '../testing/fake-bridge.ts';
import { Explanation, totalsOf, type ExplainQuestion } from './explanation.ts';

const T = 1_767_229_200_000;
const nobody = (): void => undefined;
const QUESTION: ExplainQuestion = {
  span: { fromMs: T - 90_000, toMs: T - 30_000 },
  agents: [{ agentId: 'agent-eu', sources: null }],
  services: null,
  against: null,
  order: 'biggest',
};

function aRow(cluster: string, count: number, expected = 0): ExplainRow {
  return {
    cluster_id: cluster,
    name: cluster,
    status: 'surging',
    count,
    expected,
    excess: count - expected,
    share: 0,
    templates: [],
    levels: Object.fromEntries(LEVELS.map((level) => [level, 0])) as ExplainRow['levels'],
    services: [],
    sparkline: [],
    first_seen_ms: T,
    samples: [],
    variables: [],
  };
}

/** An agent that says what a test tells it to, and answers when it is told to. */
function anAgent() {
  let listener: (event: BridgeEvent) => void = nobody;
  const asked: string[] = [];
  const stopped: string[] = [];
  const answers: ((answer: Answer<null>) => void)[] = [];
  let ids = 0;
  const explanation = new Explanation(
    {
      onEvent: (heard) => {
        listener = heard;
        return () => {
          listener = nobody;
        };
      },
      explain: ({ explanationId }) => {
        asked.push(explanationId);
        return new Promise((resolve) => answers.push(resolve));
      },
      stopExplaining: async ({ explanationId }) => {
        stopped.push(explanationId);
        return { ok: true, value: null };
      },
    },
    () => `x${++ids}`,
  );
  const say = (message: ExplainMessage, explanationId = asked.at(-1) ?? '') =>
    listener({ type: 'explanation', agentId: 'agent-eu', explanationId, message });
  const row = (cluster: string, rank: number, count: number) => say({ type: 'row', rank, row: aRow(cluster, count) });
  const shown = () => explanation.state.getState().rows.map(({ row: { cluster_id } }) => cluster_id);
  return { explanation, say, row, shown, asked, stopped, answers };
}

describe('an explanation', () => {
  it('against another cluster first asks that one for its counts, and brings them to those that are asked', async () => {
    const asked: { readonly agentId: string; readonly request: ExplainRequest }[] = [];
    let tell: (event: BridgeEvent) => void = nobody;
    const explanation = new Explanation(
      {
        onEvent: (heard) => {
          tell = heard;
          return nobody;
        },
        explain: async ({ agentId, explanationId, request }) => {
          asked.push({ agentId, request });
          const templates = [{ template_id: 't1', text: 'paid <*>', count: 7, expected: 0, is_new: false }];
          const row = { ...aRow('paid', 7), templates };
          tell({ type: 'explanation', agentId, explanationId, message: { type: 'row', rank: 0, row } });
          const rest = { type: 'remainder', count: 0, expected: 0, clusters: 0 } as const;
          tell({ type: 'explanation', agentId, explanationId, message: rest });
          return { ok: true, value: null };
        },
        stopExplaining: async () => ({ ok: true, value: null }),
      },
      () => 'x',
    );
    const agents = ['agent-eu', 'agent-us'].map((agentId) => ({ agentId, sources: null }));
    await explanation.ask({ ...QUESTION, agents, against: { type: 'cluster', agentId: 'agent-us', name: 'US' } });
    expect(asked.map(({ agentId, request }) => [agentId, request.against])).toEqual([
      ['agent-us', undefined],
      [
        'agent-eu',
        { kind: 'other_cluster', name: 'US', templates: [{ template_id: 't1', text: 'paid <*>', count: 7 }] },
      ],
    ]);
    expect([...explanation.state.getState().parts.keys()]).toEqual(['agent-eu']);
  });

  it('ranks rows as they come while nobody looks at them', () => {
    const { explanation, row, shown } = anAgent();
    void explanation.ask(QUESTION);
    row('timeout', 1, 40);
    row('pool', 0, 400);
    row('retry', 2, 10);
    expect(shown()).toEqual(['pool', 'timeout', 'retry']);
  });

  it('moves no row under a pointer, says how many would move, and moves them when told to', () => {
    const { explanation, row, shown } = anAgent();
    void explanation.ask(QUESTION);
    row('timeout', 0, 40);
    row('retry', 1, 10);
    explanation.attend(true);
    row('pool', 0, 400);
    row('timeout', 1, 41);
    row('retry', 2, 10);
    expect(shown()).toEqual(['timeout', 'retry', 'pool']);
    expect(explanation.state.getState().moved).toBe(3);
    expect(explanation.state.getState().rows[0]?.row.count).toBe(41);
    explanation.rerank();
    expect(shown()).toEqual(['pool', 'timeout', 'retry']);
    expect(explanation.state.getState().moved).toBe(0);
  });

  it('takes back a question that is asked anew, and hears nothing of it any more', () => {
    const { explanation, say, shown, asked, stopped } = anAgent();
    void explanation.ask(QUESTION);
    void explanation.ask({ ...QUESTION, order: 'rarest' });
    expect(stopped).toEqual([asked[0]]);
    say({ type: 'row', rank: 0, row: aRow('old', 1) }, asked[0]);
    expect(shown()).toEqual([]);
  });

  it('keeps the rows that came before a failure, and says what failed', async () => {
    const { explanation, row, shown, answers } = anAgent();
    const asking = explanation.ask(QUESTION);
    row('pool', 0, 400);
    answers[0]?.({ ok: false, error: { code: 'cut_off', detail: 'the explanation ended early', retryable: true } });
    await asking;
    expect(shown()).toEqual(['pool']);
    expect(explanation.state.getState().parts.get('agent-eu')).toMatchObject({
      isDone: true,
      error: { code: 'cut_off' },
    });
  });

  it('adds up over rows, remainder and agents, and finds an agent that does not', async () => {
    const bridge = new FakeBridge({
      now: () => T,
      agents: [
        { agentId: 'agent-eu', name: 'prod-eu', code: 'EU' },
        { agentId: 'agent-us', name: 'prod-us', code: 'US' },
      ],
    });
    const explanation = new Explanation(bridge, () => 'x1');
    await explanation.ask({
      ...QUESTION,
      agents: [
        { agentId: 'agent-eu', sources: null },
        { agentId: 'agent-us', sources: null },
      ],
    });
    const state = explanation.state.getState();
    const totals = totalsOf(state);
    expect(totals).toMatchObject({ missing: 0 });
    expect(state.rows.length).toBeGreaterThan(8);
    const [first, ...rest] = state.rows;
    expect(first).toBeDefined();
    expect(totalsOf({ parts: state.parts, rows: rest })?.missing).toBe(first?.row.count);
  });
});
