import type { Hook } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { formOf, readHook, type HookForm } from './hook-form.ts';

const HOOK: Hook = {
  hook_id: '01996f30-1111-7000-8000-000000000001',
  name: 'Restart payment',
  enabled: true,
  effect: 'restart',
  services: ['payment-*', 'order-service'],
  url: 'https://ops.example/restart',
  body: '{"service":"{{incident.service}}"}',
  cooldown_seconds: 600,
  protected: true,
  has_secret: true,
  last_run: null,
  version: 3,
  updated_by: 'mia',
  updated_at_ms: 0,
};
const typed = (change: Partial<HookForm> = {}): HookForm => ({
  ...formOf(null),
  name: 'Scale search',
  url: 'https://ops.example/scale',
  ...change,
});

describe('a hook as it is typed', () => {
  it('comes back as it was, and leaves its secret alone', () => {
    const { hook_id: _1, has_secret: _2, last_run: _3, version: _4, updated_by: _5, updated_at_ms: _6, ...body } = HOOK;
    expect(readHook(formOf(HOOK), true)).toEqual({ ok: true, value: body });
  });

  it('begins with a body that can be saved, for every service, switched off', () => {
    expect(readHook(typed(), false)).toMatchObject({ ok: true, value: { enabled: false, services: [] } });
  });

  it('takes services with commas, spaces or lines between them', () => {
    expect(readHook(typed({ services: 'payment-*, order-service\nsearch' }), false)).toMatchObject({
      value: { services: ['payment-*', 'order-service', 'search'] },
    });
  });

  it.each([
    ['name', { name: ' ' }],
    ['url', { url: 'ftp://ops.example' }],
    ['body', { body: '{"service": {{incident.service}}}' }],
    ['restSeconds', { restSeconds: '1.5' }],
    ['restSeconds', { restSeconds: '' }],
    ['secret', { secret: 'short' }],
  ] as const)('says that the mistake is in %s', (field, change) => {
    expect(readHook(typed(change), false)).toMatchObject({ ok: false, field });
  });
});
