/** How loud an anomaly is, by |z| (requirements S2-05). The first that is reached wins. */
export const SEVERITIES = ['P1', 'P2', 'P3', 'P4'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type SeverityThresholds = Readonly<Record<Severity, number>>;
export const DEFAULT_SEVERITY_THRESHOLDS: SeverityThresholds = { P1: 5, P2: 3.5, P3: 2.5, P4: 2 };

/** When a series fires, in σ (requirements S0-20). A source has one; severity is a separate axis. */
export const SENSITIVITIES = ['low', 'medium', 'high'] as const;
export type Sensitivity = (typeof SENSITIVITIES)[number];
export const SENSITIVITY_SIGMA: Readonly<Record<Sensitivity, number>> = { low: 5, medium: 3, high: 2 };

/** What a person may set instead of one of the three: below 1σ everything would fire, beyond 20σ nothing. */
export const LEAST_SIGMA = 1;
export const MOST_SIGMA = 20;

/** The σ at which a source fires: its own number where a person gave one, else that of its sensitivity. */
export function sigmaOf({
  sensitivity,
  sigma,
}: {
  readonly sensitivity: Sensitivity;
  readonly sigma?: number | null | undefined;
}): number {
  return sigma ?? SENSITIVITY_SIGMA[sensitivity];
}

/** The severity of a deviation of `z` σ; a fired anomaly below every threshold is still a P4. */
export function severityOf(z: number, thresholds: SeverityThresholds = DEFAULT_SEVERITY_THRESHOLDS): Severity {
  const size = Math.abs(z);
  return SEVERITIES.find((severity) => size >= thresholds[severity]) ?? 'P4';
}

/** The severities that a series firing at `sigma` can still produce: "low" (5σ) can only ever be P1. */
export function reachableSeverities(
  sigma: number,
  thresholds: SeverityThresholds = DEFAULT_SEVERITY_THRESHOLDS,
): readonly Severity[] {
  const quietest = SEVERITIES.indexOf(severityOf(sigma, thresholds));
  return SEVERITIES.slice(0, quietest + 1);
}
