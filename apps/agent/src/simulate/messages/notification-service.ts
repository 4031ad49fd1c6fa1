import type { Template } from './template.ts';

export const NOTIFICATION_SERVICE: readonly Template[] = [
  {
    level: 'INFO',
    weight: 28,
    status: 202,
    text: (v) =>
      `mail "${v.pick(['Your order is on its way', 'Order confirmation', 'Invoice'])}" queued for user ${v.userId}`,
  },
  {
    level: 'INFO',
    weight: 22,
    status: 250,
    text: (v) => `mail delivered to mx${v.int(1, 4)}.example.net in ${v.durationMs} ms, id <${v.hex(12)}@shop.example>`,
  },
  { level: 'INFO', weight: 10, text: (v) => `push sent to ${v.int(1, 3)} devices of user ${v.userId}` },
  { level: 'INFO', weight: 6, text: (v) => `SMS to +49*****${v.int(1000, 9999)} accepted by carrier` },
  {
    level: 'DEBUG',
    weight: 12,
    text: (v) => `template order-confirmation rendered in ${v.int(2, 30)} ms, ${v.int(8, 40)} kB`,
  },
  { level: 'DEBUG', weight: 6, text: (v) => `queue depth ${v.int(0, 40)}, oldest ${v.int(0, 9)} s` },
  { level: 'INFO', weight: 4, text: (v) => `user ${v.userId} opted out of ${v.pick(['newsletter', 'offers'])}` },
  { level: 'INFO', weight: 3, text: (v) => `bounce ${v.pick(['soft', 'hard'])} for message ${v.hex(12)}` },
  {
    level: 'WARN',
    weight: 3,
    status: 421,
    text: (v) => `mx${v.int(1, 4)}.example.net throttles: retry in ${v.int(30, 300)} s`,
  },
  { level: 'WARN', weight: 1, text: (v) => `device token ${v.hex(16)} expired` },
  {
    level: 'ERROR',
    weight: 5,
    status: 550,
    errorCode: 'MAILBOX_UNAVAILABLE',
    text: (v) => `mail to user ${v.userId} refused: 550 mailbox unavailable`,
  },
  {
    level: 'ERROR',
    weight: 3,
    status: 504,
    errorCode: 'SMTP_TIMEOUT',
    text: (v) => `smtp-${v.int(1, 2)}.internal: no greeting within ${v.int(10, 30)} s`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'RENDER',
    text: (v) =>
      `template invoice failed\nReferenceError: vatId is not defined\n    at render (/srv/notify/templates/invoice.hbs:${v.int(4, 60)}:11)\n    at send (/srv/notify/src/mail.ts:${v.int(40, 140)}:9)`,
  },
];
