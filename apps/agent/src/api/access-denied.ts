import { RequestError } from '@sentinellog/shared';
import type { AccessDecision } from './access-check.ts';

type Denial = Extract<AccessDecision, { type: 'deny' }>;

/** Thrown where a caller is turned away; the error handler answers, counts and logs it, always all three. */
export class AccessDenied extends RequestError {
  readonly reason: Denial['reason'];
  readonly caller: Denial['caller'];

  constructor({ code, reason, detail, caller }: Omit<Denial, 'type'>) {
    super(code, detail);
    this.name = 'AccessDenied';
    this.reason = reason;
    this.caller = caller;
  }
}
