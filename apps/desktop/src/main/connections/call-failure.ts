import type { Answer } from '../../bridge/calls.ts';

/** Why a call to an agent failed: stable words that screens and tests may lean on. */
export type FailureCode =
  | 'bad_url'
  | 'insecure_url'
  | 'bad_token'
  | 'wrong_token'
  | 'forbidden'
  | 'not_an_agent'
  | 'unreachable'
  | 'timed_out'
  | 'tls'
  | 'answer_too_large'
  | 'unknown_agent'
  | 'too_many_agents'
  | 'no_token'
  | 'too_many_windows'
  | 'too_many'
  | 'stopped'
  | 'cannot_save';

const RETRYABLE: ReadonlySet<FailureCode> = new Set(['unreachable', 'timed_out', 'cannot_save']);

/** The failing half of an answer: what happened, where, and what to do. */
export function failed(code: FailureCode, detail: string): Answer<never> & { readonly ok: false } {
  return { ok: false, error: { code, detail, retryable: RETRYABLE.has(code) } };
}
