import { type ProblemCode, RequestError } from '@sentinellog/shared';

/** The object is not (any more) what the caller believes: the answer carries it as it is, and who made it so. */
export class VersionConflict extends RequestError {
  readonly current: unknown;
  /** A name; null when nobody changed it. */
  readonly changedBy: string | null;

  constructor(
    code: Extract<ProblemCode, 'conflict' | 'still_firing'>,
    detail: string,
    current: unknown,
    changedBy: string | null,
  ) {
    super(code, detail);
    this.name = 'VersionConflict';
    this.current = current;
    this.changedBy = changedBy;
  }
}
