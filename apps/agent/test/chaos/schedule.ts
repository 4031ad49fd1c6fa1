import { type Chance, Sfc32 } from '../../src/simulate/random.ts';
import { type Fault, type FaultName, FAULTS } from './faults.ts';

export interface Strike {
  readonly fault: FaultName;
  /** Undisturbed load before it. */
  readonly afterMs: number;
  readonly durationMs: number;
}

/** F1: 0.2 to 2 s of load between two faults; a machine that is busy with other things gets nothing done in so little. */
const LEAST_CALM_MS = 200;
const MOST_CALM_MS = 2000;
/** A guess at what a fault without a duration takes: a restart with crash recovery. */
const RECOVERY_MS = 2500;

/** Deterministic: the same seed and the same options give the same schedule. Each fault comes before any comes twice. */
export function schedule(options: {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  /** Ends when this is used up, or after `strikes` of them where that is given. */
  readonly minutes: number;
  readonly strikes?: number | undefined;
  /** The longest stretch of undisturbed load; 2 s if absent. */
  readonly mostCalmMs?: number | undefined;
  /** Instead of each fault's own. */
  readonly durationMs?: number | undefined;
}): Strike[] {
  const chance = new Sfc32(options.seed, 1);
  const mostCalmMs = options.mostCalmMs ?? MOST_CALM_MS;
  const strikes: Strike[] = [];
  let round: FaultName[] = [];
  for (let usedMs = 0; isWanted(strikes.length, usedMs); ) {
    if (round.length === 0) round = shuffled(options.faults, chance);
    const fault = round.pop();
    if (fault === undefined) break;
    const afterMs = Math.round(LEAST_CALM_MS + chance.next() * (mostCalmMs - LEAST_CALM_MS));
    const own: Fault = FAULTS[fault];
    const durationMs = options.durationMs ?? own.durationMs(chance);
    strikes.push({ fault, afterMs, durationMs });
    usedMs += afterMs + durationMs + RECOVERY_MS;
  }
  return strikes;

  function isWanted(count: number, usedMs: number): boolean {
    return options.strikes === undefined ? usedMs < options.minutes * 60_000 : count < options.strikes;
  }
}

function shuffled(faults: readonly FaultName[], chance: Chance): FaultName[] {
  const rest = [...faults];
  const order: FaultName[] = [];
  while (rest.length > 0) order.push(...rest.splice(Math.floor(chance.next() * rest.length), 1));
  return order;
}
