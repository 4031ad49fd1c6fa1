import type { Template } from './template.ts';

export const USER_SERVICE: readonly Template[] = [
  { level: 'INFO', weight: 32, status: 200, text: (v) => `profile of user ${v.userId} loaded in ${v.durationMs} ms` },
  { level: 'INFO', weight: 14, status: 200, text: (v) => `address book of user ${v.userId}: ${v.int(1, 5)} entries` },
  {
    level: 'INFO',
    weight: 8,
    status: 200,
    text: (v) => `profile of user ${v.userId} updated: ${v.pick(['language', 'newsletter', 'phone', 'display name'])}`,
  },
  { level: 'INFO', weight: 5, status: 201, text: (v) => `user ${v.userId} registered from ${v.region()}` },
  {
    level: 'DEBUG',
    weight: 12,
    text: (v) => `cache get user:${v.int(10_000, 99_999)} ${v.pick(['hit', 'hit', 'miss'])}`,
  },
  { level: 'DEBUG', weight: 6, text: (v) => `replica lag ${v.int(0, 90)} ms on db-replica-${v.int(1, 2)}` },
  { level: 'INFO', weight: 3, text: (v) => `mail address of user ${v.userId} verified` },
  {
    level: 'INFO',
    weight: 2,
    text: (v) => `export of personal data for user ${v.userId} finished, ${v.int(20, 900)} kB`,
  },
  {
    level: 'WARN',
    weight: 2,
    status: 400,
    text: (v) => `display name rejected for user ${v.userId}: ${v.int(41, 90)} characters`,
  },
  { level: 'WARN', weight: 1, text: (v) => `avatar upload of ${v.int(5, 19)} MB refused for ${v.name()}` },
  {
    level: 'ERROR',
    weight: 3,
    status: 503,
    errorCode: 'REPLICA_DOWN',
    text: (v) => `db-replica-${v.int(1, 2)} refused the connection, using primary`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 409,
    errorCode: 'MAIL_TAKEN',
    text: (v) => `registration failed: mail address already used (request ${v.requestId})`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'AVATAR_STORE',
    text: (v) => `avatar bucket eu-avatars-${v.int(1, 3)} answered 500 after ${v.int(1, 4)} retries`,
  },
];
