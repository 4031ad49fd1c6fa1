import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sfc32 } from '../../src/simulate/random.ts';
import { AgentChild } from './agent-child.ts';
import { type Fault, type FaultName, FAULTS } from './faults.ts';
import { Ledger } from './ledger.ts';
import { isAlive } from './liveness.ts';
import { Load } from './load.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { Postmaster } from './postmaster.ts';
import { type Recount, recount } from './recount.ts';
import type { Strike } from './schedule.ts';
import { SmallVolume } from './small-volume.ts';

/** R2: what waits must be counted within a minute of the last fault. */
const DRAIN_LIMIT_MS = 60_000;
const DAY_MS = 86_400_000;

export interface CampaignOptions {
  readonly seed: number;
  readonly strikes: readonly Strike[];
  readonly senders: number;
  readonly eventsPerBatch: number;
  readonly pauseMs: number;
  /** Ends it before the next strike; what was started and mounted is cleared away. */
  readonly signal?: AbortSignal;
  /** One line a step, for whoever watches. */
  readonly onStep: (text: string) => void;
  /** What the agent itself writes. */
  readonly onLog: (text: string) => void;
}

export interface CampaignReport {
  readonly seed: number;
  readonly strikes: number;
  /** Faults that this machine does not allow, so that nobody takes them for survived. */
  readonly leftOut: readonly FaultName[];
  readonly acknowledgedEvents: number;
  readonly acknowledgedBatches: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly lostAnswers: number;
  readonly drainMs: number;
  /** From the start of the process to ready, crash recovery of the database included; NaN without a restart. */
  readonly restartP95Ms: number;
  readonly peakMemoryMb: number;
  readonly seconds: number;
  /** Broken promises, in words. Empty: the campaign was survived. */
  readonly findings: readonly string[];
}

/** The whole of it: load and faults, then calm, then judgement, then a fresh event and a fresh anomaly. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { seed, senders, eventsPerBatch, pauseMs, onStep, onLog } = options;
  const startedAt = performance.now();
  const baseMs = Date.now();
  const chance = new Sfc32(seed, 2);
  const dir = mkdtempSync(join(tmpdir(), 'sentinellog-chaos-'));
  // The database server of root runs as another user, and keeps its files inside only where it can reach them.
  chmodSync(dir, 0o711);
  const dataDir = join(dir, 'agent');
  const findings: string[] = [];
  const needsVolume = options.strikes.some(({ fault }) => fault === 'fill-disk');
  const volume = needsVolume ? SmallVolume.mount(join(dataDir, 'journal')) : undefined;
  const leftOut: FaultName[] = needsVolume && volume === undefined ? ['fill-disk'] : [];
  const agent = new AgentChild(dataDir, onLog);
  const ledger = await Ledger.open(join(dir, 'ledger'));
  const network = await LossyProxy.open(() => agent.port, chance);
  try {
    await agent.start();
    const key = agent.credentials.ingestKey;
    const load = new Load({ seed, baseMs, url: network.url, key, ledger, chance, senders, eventsPerBatch, pauseMs });
    const world = { agent, postmaster: new Postmaster(dataDir), network, load, chance, volume };
    load.start();
    for (const [index, { fault, afterMs, durationMs }] of options.strikes.entries()) {
      if (leftOut.includes(fault)) continue;
      await sleep(afterMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
      const kind: Fault = FAULTS[fault];
      const refusedBefore = refusals(load);
      const acknowledgedBefore = load.acknowledgedEvents;
      await kind.strike(world, durationMs);
      agent.lookAtMemory();
      const refused = refusals(load) - refusedBefore;
      if (kind.ingest === 'answers' && refused > 0)
        findings.push(`${fault}: ${refused} requests were not answered with 2xx`);
      const acknowledged = load.acknowledgedEvents - acknowledgedBefore;
      onStep(
        `${index + 1}/${options.strikes.length} ${fault} ${durationMs} ms: ${acknowledged} events in, ${refused} not`,
      );
    }
    await load.stop();
    findings.push(...load.unexpected);

    onStep('calm: waiting until everything is counted');
    const drainMs = await drained(agent);
    if (drainMs > DRAIN_LIMIT_MS) findings.push(`still behind ${DRAIN_LIMIT_MS / 1000} s after the last fault`);
    // What came while the clock was 400 days off is counted at the time that the agent believed in.
    const range = [baseMs - 402 * DAY_MS, baseMs + 402 * DAY_MS] as const;
    const counts = await agent.countsByService(...range);
    const templates = await agent.templateCountsByService();
    const { accepted_total: accepted } = await agent.health();
    agent.lookAtMemory();
    const code = await agent.stop();
    if (code !== 0) findings.push(`the last stop ended with exit code ${String(code)}`);

    onStep('judging: reading the journal back');
    const truth = await recount({ dataDir, seed, baseMs, eventsPerBatch, ledger });
    findings.push(...broken(truth), ...differences('counted', counts, truth.counts));
    findings.push(...differences('counted by templates', templates, truth.counts));
    if (accepted !== truth.events)
      findings.push(`the agent says ${accepted} accepted, its journal holds ${truth.events}`);

    onStep('alive: a fresh event and a fresh anomaly');
    await agent.start();
    findings.push(
      ...differences('counted after one more restart', await agent.countsByService(...range), truth.counts),
    );
    findings.push(...(await isAlive(agent)), ...agent.unexpectedEnds.map((end) => `unasked for: ${end}`));
    return {
      seed,
      strikes: options.strikes.length,
      leftOut,
      acknowledgedEvents: ledger.acknowledgedEvents,
      acknowledgedBatches: ledger.acknowledgedBatches,
      answers: Object.fromEntries([...load.answers].map(([status, count]) => [nameOf(status), count])),
      lostAnswers: network.lostAnswers + network.cutRequests,
      drainMs: Math.round(drainMs),
      restartP95Ms: Math.round(p95(agent.restartedAfterMs)),
      peakMemoryMb: agent.peakMemoryMb,
      seconds: Math.round((performance.now() - startedAt) / 1000),
      findings,
    };
  } finally {
    await network.close();
    await agent.stop();
    await ledger.close();
    volume?.unmount();
    rmSync(dir, { recursive: true, force: true });
  }
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}

function refusals({ answers }: Load): number {
  return [...answers].reduce((sum, [status, count]) => (status >= 200 && status < 300 ? sum : sum + count), 0);
}

function nameOf(status: number): string {
  return status === 0 ? 'none' : String(status);
}

async function drained(agent: AgentChild): Promise<number> {
  const since = performance.now();
  for (;;) {
    const health = await agent.health();
    const waitedMs = performance.now() - since;
    if (health.replay_pending_bytes === 0 && health.degraded.length === 0) return waitedMs;
    if (waitedMs > DRAIN_LIMIT_MS) return waitedMs;
    await sleep(200);
  }
}

function broken({ missing, duplicates, spurious, corrupt, damaged }: Recount): string[] {
  const sums = { missing: missing.length, duplicates, spurious, corrupt, damaged };
  return Object.entries(sums).flatMap(([what, count]) => (count === 0 ? [] : [`${what}: ${count} batches`]));
}

function differences(what: string, counts: ReadonlyMap<string, number>, truth: ReadonlyMap<string, number>): string[] {
  const services = new Set([...counts.keys(), ...truth.keys()]);
  return [...services].flatMap((service) => {
    const [is, should] = [counts.get(service) ?? 0, truth.get(service) ?? 0];
    return is === should ? [] : [`${what}: ${is} events of ${service}, the journal holds ${should}`];
  });
}
