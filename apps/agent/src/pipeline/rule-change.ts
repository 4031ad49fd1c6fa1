import type { RuleBody } from '@sentinellog/shared';

/** One change of the set of rules; several are stored together or not at all. */
export type RuleChange =
  | { readonly type: 'create'; readonly ruleId: string; readonly shippedAs: string | null; readonly body: RuleBody }
  | { readonly type: 'replace'; readonly ruleId: string; readonly version: number; readonly body: RuleBody }
  | { readonly type: 'remove'; readonly ruleId: string; readonly version: number };

/** Who changes something, and when (ms since the epoch): part of every audit entry. */
export interface ChangeActor {
  readonly actor: string;
  readonly atMs: number;
}
