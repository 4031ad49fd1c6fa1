import type { IncomingHttpHeaders } from 'node:http';
import type { ProblemCode } from '@sentinellog/shared';
import type { FailureBucket } from '../pipeline/failure-bucket.ts';
import { presentedKey } from './presented-key.ts';

/** Who sends: what a valid ingest key says. */
export interface Caller {
  readonly keyId: string;
  readonly tenant: string;
  readonly pinnedService: string | null;
  /** Of the key itself; null or absent: what the configuration allows every key. */
  readonly limits?: { readonly events_per_second: number | null; readonly bytes_per_day: number | null };
}

export type KeyVerdict =
  | ({ readonly type: 'ok' } & Caller)
  | { readonly type: 'unknown' }
  | { readonly type: 'revoked' };

export type AdmissionVerdict =
  | { readonly type: 'admitted'; readonly caller: Caller }
  | { readonly type: 'refused'; readonly code: ProblemCode; readonly detail: string };

const KEY_PROBLEMS = {
  unknown: { code: 'unauthenticated', detail: 'the ingest key is not known to this agent' },
  revoked: { code: 'key_revoked', detail: 'the ingest key has been revoked; ask for a new one' },
} as const satisfies Record<Exclude<KeyVerdict['type'], 'ok'>, { code: ProblemCode; detail: string }>;

/** What is judged of a request, whatever version of HTTP it came by. */
export interface JudgedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Decides by the headers alone who may send: no byte of a body is read for a stranger. */
export class Admission {
  readonly #authenticate: (presented: string) => KeyVerdict;
  readonly #failures: FailureBucket;

  constructor(deps: {
    /** Synchronous: keys are held in memory. */
    readonly authenticate: (presented: string) => KeyVerdict;
    readonly failures: FailureBucket;
  }) {
    this.#authenticate = deps.authenticate;
    this.#failures = deps.failures;
  }

  judge(request: JudgedRequest): AdmissionVerdict {
    const presented = presentedKey(request);
    if (presented === undefined) {
      return this.#fail(request, 'unauthenticated', 'send an ingest key in X-Sentinel-Key or Authorization: Bearer');
    }
    const verdict = this.#authenticate(presented);
    if (verdict.type === 'ok') return { type: 'admitted', caller: verdict };
    const { code, detail } = KEY_PROBLEMS[verdict.type];
    return this.#fail(request, code, detail);
  }

  #fail(request: JudgedRequest, code: ProblemCode, detail: string): AdmissionVerdict {
    if (this.#failures.admit(request.socket.remoteAddress ?? '')) return { type: 'refused', code, detail };
    return { type: 'refused', code: 'rate_limited', detail: `too many refused keys from this address: ${detail}` };
  }
}
