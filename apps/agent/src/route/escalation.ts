import type { EscalationPolicy } from '@sentinellog/shared';

const MINUTE_MS = 60_000;

export interface EscalationStep {
  /** Unique within one policy and one waiting: round and step, both from 0. */
  readonly key: string;
  readonly atMs: number;
  readonly to: readonly string[];
  readonly because: string;
}

/**
 * Every step of the policy with its time, for an incident that has waited for an acknowledgement since `sinceMs`. Only this
 * time counts, so that a restart neither repeats a step nor skips one.
 */
export function escalationSteps(policy: EscalationPolicy, sinceMs: number): readonly EscalationStep[] {
  const lastMinutes = policy.steps.at(-1)?.after_minutes ?? 0;
  const rounds = 1 + (policy.repeat?.times ?? 0);
  const roundMinutes = lastMinutes + (policy.repeat?.after_minutes ?? 0);
  return Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
    policy.steps.map((step, index) => {
      const minutes = round * roundMinutes + step.after_minutes;
      const again = round === 0 ? '' : `, round ${round + 1}`;
      return {
        key: `${round}.${index}`,
        atMs: sinceMs + minutes * MINUTE_MS,
        to: step.to,
        because: `nobody acknowledged within ${minutes} min (${policy.name}, step ${index + 1} of ${policy.steps.length}${again})`,
      };
    }),
  );
}
