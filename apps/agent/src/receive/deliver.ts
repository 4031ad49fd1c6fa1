import type { EventError, Rejection } from '@sentinellog/shared';
import type { RecordFormat } from '../pipeline/ingest-record.ts';
import type { Caller, KeyVerdict } from './admission.ts';
import { ReceivedBody } from './body-sink.ts';
import type { Intake, IntakeOutcome, Scanned } from './intake.ts';

/** The disk is full, or too much is in flight: so long until the same batch is tried again. */
const AGAIN_MS = 200;

/** A batch of a sender that is told nothing: whatever stands in the way, it waits here until it can be stored. */
export interface Delivery {
  readonly protocol: string;
  /** Address or file it came from; for people. */
  readonly remote: string;
  /** Ingest key of the configuration; undefined where the tenant is `default`. */
  readonly key: string | undefined;
  readonly batchId: string | null;
  readonly format: RecordFormat;
  readonly defaultService?: string | undefined;
  /** Not changed and not read by anybody else until the delivery is over. */
  readonly bytes: Uint8Array;
}

/** `unusable`: not one event could be used; nothing was stored. `given_up`: stopped, nothing was stored. */
export type Delivered = 'stored' | 'unusable' | 'refused_key' | 'given_up';

export interface DelivererDeps<Batch extends Scanned> {
  readonly intake: Pick<Intake<Batch>, 'accept'>;
  readonly authenticate: (presented: string) => KeyVerdict;
  readonly onRejection: (rejection: Rejection) => void;
  readonly now: () => number;
  /** Ends early, without an error, when the signal comes. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Everybody's, until tenants are told apart. */
const OPEN_CALLER: Caller = { keyId: 'open-port', tenant: 'default', pinnedService: null };

export class Deliverer<Batch extends Scanned> {
  readonly #deps: DelivererDeps<Batch>;

  constructor(deps: DelivererDeps<Batch>) {
    this.#deps = deps;
  }

  /** Who sends over a port or file with this key; undefined when the key is not, or no longer, valid. */
  callerOf(key: string | undefined): Caller | undefined {
    if (key === undefined) return OPEN_CALLER;
    const verdict = this.#deps.authenticate(key);
    return verdict.type === 'ok' ? verdict : undefined;
  }

  /** Resolves once the batch is on disk; tries again for as long as it must, until `signal`. */
  async deliver(delivery: Delivery, signal: AbortSignal): Promise<Delivered> {
    const { sleep } = this.#deps;
    const { key, batchId, format, defaultService, bytes } = delivery;
    for (;;) {
      const caller = this.callerOf(key);
      if (caller === undefined) {
        this.#report(delivery, null, 'unauthenticated', 'the key in the configuration is not valid (any more)', 0, []);
        return 'refused_key';
      }
      const outcome = await new Promise<IntakeOutcome>((resolve) => {
        this.#deps.intake.accept({ caller, batchId, format, defaultService, body: new ReceivedBody(bytes) }, resolve);
      });
      switch (outcome.type) {
        case 'stored': {
          const { rejected, errors } = outcome.batch;
          if (rejected > 0 && !outcome.isRepeat) this.#reportEvents(delivery, caller, rejected, errors);
          return 'stored';
        }
        case 'unusable':
          this.#reportEvents(delivery, caller, outcome.rejected, outcome.errors);
          return 'unusable';
        case 'refused':
          if (signal.aborted) return 'given_up';
          await sleep(AGAIN_MS, signal);
      }
    }
  }

  #reportEvents(delivery: Delivery, { keyId }: Caller, rejected: number, errors: readonly EventError[]): void {
    const [first] = errors;
    const detail =
      first === undefined ? `${rejected} events` : `${rejected} events; line ${first.line}: ${first.detail}`;
    this.#report(delivery, keyId, first?.code ?? 'invalid_request', detail, rejected, errors);
  }

  #report(
    { protocol, remote }: Delivery,
    keyId: string | null,
    code: string,
    detail: string,
    events: number,
    errors: readonly EventError[],
  ): void {
    const { now, onRejection } = this.#deps;
    onRejection({ at_ms: now(), protocol, remote, key_id: keyId, code, detail, events, errors: [...errors] });
  }
}
