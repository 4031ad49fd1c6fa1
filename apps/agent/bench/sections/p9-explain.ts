import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { type ExplainMessage, ExplainMessageSchema } from '@sentinellog/shared';
import type { AgentTarget } from '../agent-target.ts';
import type { AgentSection } from '../section.ts';

const SERVICES = 12;
/** The range, and four times as long before it: what it is compared with while no week is known. */
const RANGE_SECONDS = 900;
const HISTORY_SECONDS = 5 * RANGE_SECONDS;
const LINES_A_SECOND = 120;
const TIMES = 9;

/** What is brushed: kinds of messages with something different in each. */
const SAYS: readonly ((n: number) => string)[] = [
  (n) => `order ord-${n} placed by user ${n % 5000}`,
  (n) => `payment ${(n * 7919).toString(16)} authorised in ${n % 300} ms`,
  (n) => `GET /api/items/${n % 9000} answered 200 in ${n % 80} ms`,
  (n) => `cache miss for key item:${n}`,
  (n) => `connection ${n % 50} taken from pool`,
  (n) => `mail ${n.toString(36)} queued for user ${n % 5000}`,
  (n) => `query "shoes ${n % 700}" found ${n % 90} products`,
  (n) => `login failed for user-${n % 5000} from 10.0.${n % 250}.7: wrong password`,
];

/** P9: from the request to the first row and to the last, for a range of 15 minutes: medians and the slowest. */
export const measureExplain: AgentSection = async ({ progress }, agent) => {
  progress(`P9: ${HISTORY_SECONDS / 60} minutes of ${SERVICES} services`);
  const end = Math.floor(Date.now() / 1000) - 5;
  await sendShop(agent, end);
  progress(`P9: explaining the last ${RANGE_SECONDS / 60} minutes`);
  const runs = [];
  for (let i = 0; i < TIMES; i++) runs.push(await explainOnce(agent, end));
  return {
    p9_first_row_ms: middle(runs.map(({ firstRowMs }) => firstRowMs)),
    p9_all_rows_ms: middle(runs.map(({ allMs }) => allMs)),
    p9_slowest_ms: Math.max(...runs.map(({ allMs }) => allMs)),
    p9_events_explained: runs[0].total,
    p9_rows: runs[0].rows,
  };
};

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function explainOnce(agent: AgentTarget, end: number) {
  const from = performance.now();
  const response = await fetch(`${agent.url}/v1/ranges:explain`, {
    method: 'POST',
    headers: { authorization: `Bearer ${agent.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      from: (end - RANGE_SECONDS) * 1000,
      to: end * 1000,
      sources: Array.from({ length: SERVICES }, (_, at) => serviceOf(at)),
    }),
    signal: AbortSignal.timeout(30_000),
  });
  if (response.status !== 200 || response.body === null)
    throw new Error(`the agent answered ${response.status}: ${await response.text()}`);
  let firstRowMs = Number.NaN;
  let total = 0;
  const rows = new Set<string>();
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
    const message: ExplainMessage = ExplainMessageSchema.parse(JSON.parse(line));
    if (message.type === 'summary') total = message.total;
    if (message.type !== 'row') continue;
    if (rows.size === 0) firstRowMs = performance.now() - from;
    rows.add(message.row.cluster_id);
  }
  return { firstRowMs, allMs: performance.now() - from, total, rows: rows.size };
}

function serviceOf(at: number): string {
  return `explained-${(at * 7) % SERVICES}`;
}

/** The same hum all the time; in the last 15 minutes a pool runs out. */
async function sendShop(agent: AgentTarget, end: number): Promise<void> {
  let n = 0;
  let lines: string[] = [];
  for (let second = end - HISTORY_SECONDS; second < end; second++) {
    const timestamp = new Date(second * 1000).toISOString();
    for (let i = 0; i < LINES_A_SECOND; i++) {
      n++;
      const isBroken = second >= end - RANGE_SECONDS && n % 10 === 0;
      const message = isBroken
        ? `connection pool exhausted: 50/50 in use, ${n % 240} waiting`
        : SAYS[n % SAYS.length](n);
      lines.push(JSON.stringify({ timestamp, service: serviceOf(n), level: isBroken ? 'ERROR' : 'INFO', message }));
    }
    if (lines.length < 5000 && second < end - 1) continue;
    const response = await fetch(`${agent.url}/v1/ingest`, {
      method: 'POST',
      headers: { 'x-sentinel-key': agent.key, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
      signal: AbortSignal.timeout(30_000),
    });
    if (response.status !== 202) throw new Error(`the agent answered ${response.status}: ${await response.text()}`);
    lines = [];
  }
}
