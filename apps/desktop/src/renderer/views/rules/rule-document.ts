import type { Rule } from '@sentinellog/shared';
import { ruleBodyOf } from '../../stores/policy-desk.ts';

/** What import takes: rules by their names, without ids and secrets. One and the same rule of two agents is there once. */
export function ruleDocument(rules: readonly Rule[]): string {
  const byName = new Map(rules.map((rule) => [rule.name, ruleBodyOf(rule)]));
  return `${JSON.stringify({ schemaVersion: 1, rules: [...byName.values()] }, null, 2)}\n`;
}
