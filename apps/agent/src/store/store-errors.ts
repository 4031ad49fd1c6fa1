import { RequestError } from '@sentinellog/shared';

/** The database cannot be reached now; the same call may succeed later. Nothing of it was done. */
export class StoreUnavailable extends RequestError {
  constructor(detail: string, options?: ErrorOptions) {
    super('storage_unavailable', detail, options);
    this.name = 'StoreUnavailable';
  }
}

/** The answer to a commit was lost: it was done, or it was not. The next commit finds out (checkpoint-writer.ts). */
export class CommitInDoubt extends StoreUnavailable {
  constructor(options?: ErrorOptions) {
    super('the connection broke while a commit was under way; whether it was done is not known yet', options);
    this.name = 'CommitInDoubt';
  }
}

/** A value that the database will never take; only its own row is at fault. */
export class PoisonValue extends Error {
  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'PoisonValue';
  }
}

/** Trying again cannot help: settings, rights or the schema are wrong, and a person has to act. */
export class StoreRefused extends Error {
  constructor(detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'StoreRefused';
  }
}
