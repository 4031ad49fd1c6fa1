import { describe, expect, it } from 'vitest';
import { ownKinds, redact } from './redact.ts';

describe('redact', () => {
  it.each([
    ['mia@example.org could not log in', '[email] could not log in'],
    ['refused 10.0.4.17:5432', 'refused [ip]:5432'],
    ['from 2001:db8:85a3::8a2e:370:7334 twice', 'from [ip] twice'],
    ['Authorization: Bearer abc.def.ghi', '[credential]'],
    ['login password=hunter2 failed', 'login [credential] failed'],
    ['{"api_key":"k-123456"}', '{"[credential]"}'],
    ['card 4111 1111 1111 1111 declined', 'card [card] declined'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'key [key] used'],
    ['postgres://app:s3cret@db/payments', '[url_credential]db/payments'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc', '[jwt]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----', '[private_key]'],
  ])('%s', (text, expected) => {
    expect(redact(text).text).toBe(expected);
  });

  it('leaves what an analysis needs', () => {
    const text =
      'payment-service ERROR pool exhausted after 30012 ms (order 4711), trace 4bf92f3577b34da6a3ce929d0e0e4736';
    expect(redact(text)).toEqual({ text, counts: {} });
  });

  it('counts what it took out, and takes out what users name', () => {
    expect(redact('tenant ACME-77 a@b.de c@d.de', ownKinds(['ACME-[0-9]+']))).toEqual({
      text: 'tenant [own] [email] [email]',
      counts: { own: 1, email: 2 },
    });
  });

  it('stays linear on a pattern made to be slow', () => {
    expect(redact(`${'a'.repeat(200_000)}!`, ownKinds(['(a+)+$'])).text.length).toBeGreaterThan(0);
  });
});
