import type { Template } from './template.ts';

export const AUTH_SERVICE: readonly Template[] = [
  { level: 'INFO', weight: 30, status: 200, text: (v) => `login succeeded for ${v.name()} from ${v.ip()}` },
  {
    level: 'INFO',
    weight: 24,
    status: 200,
    text: (v) => `token refreshed for user ${v.userId}, expires in ${v.int(600, 3600)} s`,
  },
  { level: 'DEBUG', weight: 14, text: (v) => `session cache hit ratio ${(v.int(880, 995) / 10).toFixed(1)} %` },
  { level: 'INFO', weight: 10, text: (v) => `logout of user ${v.userId}` },
  {
    level: 'INFO',
    weight: 6,
    text: (v) => `MFA challenge sent to ${v.name()} by ${v.pick(['totp', 'webauthn', 'sms'])}`,
  },
  { level: 'INFO', weight: 5, status: 200, text: (v) => `MFA challenge answered in ${v.int(3, 40)} s by ${v.name()}` },
  { level: 'INFO', weight: 2, text: (v) => `password changed for user ${v.userId}` },
  { level: 'DEBUG', weight: 4, text: (v) => `JWKS key ${v.hex(8)} used for signature` },
  {
    level: 'WARN',
    weight: 4,
    status: 401,
    text: (v) => `login failed for ${v.name()} from ${v.ip()}: wrong password (attempt ${v.int(1, 3)} of 5)`,
  },
  {
    level: 'WARN',
    weight: 1,
    status: 403,
    text: (v) => `user ${v.userId} lacks role ${v.pick(['admin', 'billing', 'support'])}`,
  },
  {
    level: 'ERROR',
    weight: 4,
    status: 503,
    errorCode: 'LDAP_UNREACHABLE',
    text: (v) => `directory ldap-${v.int(1, 3)}.internal:636 did not answer in ${v.int(2000, 5000)} ms`,
  },
  {
    level: 'ERROR',
    weight: 3,
    status: 401,
    errorCode: 'TOKEN_INVALID',
    text: (v) => `token signature invalid: kid ${v.hex(8)} is unknown`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 423,
    errorCode: 'ACCOUNT_LOCKED',
    text: (v) => `account ${v.name()} locked after 5 failed logins`,
  },
];
