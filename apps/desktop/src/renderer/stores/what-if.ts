import {
  reachableSeverities,
  SENSITIVITY_SIGMA,
  severityOf,
  type Sensitivity,
  type Severity,
} from '@sentinellog/shared';

/** Deviations nearer to each other than this are one incident: the cooldown of the detector (30 minutes). */
const COOLDOWN_SECONDS = 30 * 60;

export interface TriedColumns {
  /** Unix seconds. */
  readonly t: readonly number[];
  readonly value: readonly (number | null)[];
  readonly mean: readonly (number | null)[];
  readonly lower: readonly (number | null)[];
  readonly upper: readonly (number | null)[];
}

export interface WouldBe {
  readonly atSecond: number;
  readonly z: number;
  readonly severity: Severity;
  /** Last bucket that is outside. */
  readonly untilSecond: number;
}

export interface Estimate {
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly incidents: readonly WouldBe[];
}

/**
 * What a sensitivity would have told of over what the chart holds, from its band: buckets outside k σ, those within a
 * cooldown of each other taken as one at its worst. An estimate: the detector looks at windows of several lengths, and
 * its own replay replaces this.
 *
 * @param inForce the σ whose threshold the band's edges are
 */
export function estimateAt(columns: TriedColumns, inForce: number, sensitivity: Sensitivity): Estimate {
  const sigma = SENSITIVITY_SIGMA[sensitivity];
  const incidents: WouldBe[] = [];
  let lastOutside = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < columns.t.length; i++) {
    const z = zAt(columns, i, inForce);
    if (z === null || Math.abs(z) < sigma) continue;
    const atSecond = columns.t[i] ?? 0;
    const last = incidents.at(-1);
    if (last === undefined || atSecond - lastOutside > COOLDOWN_SECONDS) {
      incidents.push({ atSecond, z, severity: severityOf(z), untilSecond: atSecond });
    } else {
      const worst = Math.abs(z) > Math.abs(last.z) ? z : last.z;
      incidents[incidents.length - 1] = {
        atSecond: last.atSecond,
        z: worst,
        severity: severityOf(worst),
        untilSecond: atSecond,
      };
    }
    lastOutside = atSecond;
  }
  const bySeverity = { P1: 0, P2: 0, P3: 0, P4: 0 };
  for (const { severity } of incidents) bySeverity[severity]++;
  return { bySeverity, incidents };
}

/** What would be told of and is not now: no part of it lies in what is told of already. */
export function newOnes(now: Estimate, tried: Estimate): readonly WouldBe[] {
  return tried.incidents.filter(
    ({ atSecond, untilSecond }) =>
      !now.incidents.some((one) => one.atSecond <= untilSecond && atSecond <= one.untilSecond),
  );
}

/** How many σ a bucket lies from its mean: the band's edge is `inForce` of them away. Null where nothing is learnt. */
function zAt({ value, mean, lower, upper }: TriedColumns, i: number, inForce: number): number | null {
  const [observed, middle] = [value[i] ?? null, mean[i] ?? null];
  if (observed === null || middle === null) return null;
  const edge = (observed >= middle ? upper[i] : lower[i]) ?? null;
  const distance = edge === null ? 0 : Math.abs(edge - middle);
  return distance === 0 ? null : ((observed - middle) / distance) * inForce;
}

/** `+1 P2, +5 P3`: what would come, and what would be gone. */
export function differenceWords(now: Estimate, tried: Estimate, sensitivity: Sensitivity): string {
  const changes = (Object.keys(now.bySeverity) as Severity[]).flatMap((severity) => {
    const by = tried.bySeverity[severity] - now.bySeverity[severity];
    return by === 0 ? [] : [`${by > 0 ? '+' : '−'}${Math.abs(by)} ${severity}`];
  });
  const reachable = reachableSeverities(SENSITIVITY_SIGMA[sensitivity]);
  const unreachable =
    reachable.length === 4
      ? ''
      : `; never ${(['P1', 'P2', 'P3', 'P4'] as const).filter((one) => !reachable.includes(one)).join(' or ')}`;
  return `${changes.length === 0 ? 'no difference' : changes.join(', ')}${unreachable}`;
}
