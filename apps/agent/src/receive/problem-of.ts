import { PROBLEMS, type ProblemCode } from '@sentinellog/shared';

/** An event's code where the API knows it too; the whole body then has that problem. */
export function problemOf(code: string | undefined): ProblemCode {
  const known = (Object.keys(PROBLEMS) as ProblemCode[]).find((name) => name === code);
  return known ?? 'invalid_request';
}
