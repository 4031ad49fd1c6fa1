import { expect, it } from 'vitest';
import { isFor } from './hook-fit.ts';

const hook = (...services: string[]) => ({ services });

it('reads globs over services as the agent does', () => {
  expect(isFor(hook(), 'anything')).toBe(true);
  expect(isFor(hook('payment-*'), 'payment-service')).toBe(true);
  expect(isFor(hook('payment-*'), 'my-payment-service')).toBe(false);
  expect(isFor(hook('api.v?'), 'api.v2')).toBe(true);
  expect(isFor(hook('api.v?'), 'apixv2')).toBe(false);
});
