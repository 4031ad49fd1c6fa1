import type { IdempotencyBook } from '../idempotency.ts';

interface Kept {
  readonly digest: string;
  readonly answer?: { readonly status: number; readonly body: string };
}

/** Answers kept in memory, with the meaning of the table. */
export class MemoryIdempotency implements IdempotencyBook {
  readonly kept = new Map<string, Kept>();

  claim: IdempotencyBook['claim'] = async (caller, key, requestDigest) => {
    const digest = Buffer.from(requestDigest).toString('hex');
    const known = this.kept.get(`${caller} ${key}`);
    if (known === undefined) {
      this.kept.set(`${caller} ${key}`, { digest });
      return { type: 'first' };
    }
    if (known.digest !== digest) return { type: 'other_request' };
    return known.answer === undefined ? { type: 'under_way' } : { type: 'answered', answer: known.answer };
  };

  keep: IdempotencyBook['keep'] = async (caller, key, answer) => {
    const known = this.kept.get(`${caller} ${key}`);
    if (known !== undefined) this.kept.set(`${caller} ${key}`, { ...known, answer });
  };

  release: IdempotencyBook['release'] = async (caller, key) => {
    this.kept.delete(`${caller} ${key}`);
  };
}
