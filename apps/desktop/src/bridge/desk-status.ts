import type { Incident } from '@sentinellog/shared';
import { freshnessOf, freshnessOfAll, type AgentPulse, type Freshness } from './freshness.ts';
import { countOpen, isOpenAndHeard, type OpenCount } from './open-count.ts';

/** What is known of one agent, for whoever sums up all of them. */
export interface DeskAgent {
  readonly agentId: string;
  readonly code: string;
  readonly pulse: AgentPulse;
  /** null while it has not said which incidents there are. */
  readonly incidents: readonly Incident[] | null;
}

export interface NamedIncident {
  readonly agentId: string;
  readonly code: string;
  readonly incident: Incident;
}

/** All clusters in a few figures: what the tray, the badge and the title stand for. */
export interface DeskStatus {
  /** null while no agent has said which incidents there are: then nothing is "zero". */
  readonly open: OpenCount | null;
  readonly silenced: number;
  readonly freshness: Freshness;
  readonly clustersUp: number;
  readonly clusters: number;
  /** Worst first, then the longest open. */
  readonly worst: readonly NamedIncident[];
}

const WORST_SHOWN = 5;

export function deskStatus(agents: readonly DeskAgent[], nowMs: number): DeskStatus {
  const told = agents.flatMap(({ incidents }) => incidents ?? []);
  const named = agents.flatMap(({ agentId, code, incidents }) =>
    (incidents ?? []).filter(isOpenAndHeard).map((incident): NamedIncident => ({ agentId, code, incident })),
  );
  return {
    open: agents.some(({ incidents }) => incidents !== null) ? countOpen(told) : null,
    silenced: told.filter(({ state, silence_id }) => state !== 'RESOLVED' && silence_id !== null).length,
    freshness: freshnessOfAll(
      agents.map(({ pulse }) => pulse),
      null,
      nowMs,
    ),
    clustersUp: agents.filter(({ pulse }) => SPEAKS.has(freshnessOf(pulse, nowMs).type)).length,
    clusters: agents.length,
    worst: named.toSorted(byUrgency).slice(0, WORST_SHOWN),
  };
}

const SPEAKS: ReadonlySet<Freshness['type']> = new Set(['live', 'lagging', 'degraded', 'stale', 'waiting']);

function byUrgency({ incident: a }: NamedIncident, { incident: b }: NamedIncident): number {
  return a.severity.localeCompare(b.severity) || a.opened_at_ms - b.opened_at_ms;
}

/** `ok` is said only when everything is connected, fresh and quiet; what is not known is `unknown`, never green. */
export type DeskFace = 'ok' | 'unknown' | 'P1' | 'P2' | 'P3' | 'P4';

export function faceOf({ open, freshness }: DeskStatus): { readonly face: DeskFace; readonly doubtful: boolean } {
  const doubtful = open === null || !TRUSTED.has(freshness.type);
  const worst = (['P1', 'P2', 'P3', 'P4'] as const).find((severity) => (open?.[severity] ?? 0) > 0);
  return { face: worst ?? (doubtful ? 'unknown' : 'ok'), doubtful };
}

/** A lag of a few seconds is the ordinary business of a busy agent. */
const TRUSTED: ReadonlySet<Freshness['type']> = new Set(['live', 'lagging']);
