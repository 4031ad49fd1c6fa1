import type { HealthMap } from '@sentinellog/shared';

export type ServiceHealth = HealthMap['nodes'][number]['health'];

/** From the worst to the best; not known stands before well, because it is not well. */
export const HEALTH_ORDER = [
  'P1',
  'P2',
  'silent',
  'P3',
  'P4',
  'unknown',
  'ok',
] as const satisfies readonly ServiceHealth[];

export const HEALTH_WORDS: Readonly<Record<ServiceHealth, string>> = {
  P1: 'P1',
  P2: 'P2',
  P3: 'P3',
  P4: 'P4',
  silent: 'silent',
  unknown: 'not known',
  ok: 'ok',
};
