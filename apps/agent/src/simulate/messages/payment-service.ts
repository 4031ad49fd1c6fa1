import type { Template } from './template.ts';

export const PAYMENT_SERVICE: readonly Template[] = [
  {
    level: 'INFO',
    weight: 26,
    status: 200,
    text: (v) => `payment ${v.hex(10)} authorised: ${v.amount()} EUR for ${v.orderId()} in ${v.durationMs} ms`,
  },
  { level: 'INFO', weight: 20, status: 200, text: (v) => `captured ${v.amount()} EUR for ${v.orderId()}` },
  {
    level: 'INFO',
    weight: 10,
    text: (v) =>
      `provider ${v.pick(['stripe', 'adyen', 'paypal'])} answered ${v.pick(['approved', 'approved', 'pending'])} in ${v.durationMs} ms`,
  },
  { level: 'DEBUG', weight: 12, text: (v) => `connection ${v.int(1, 50)} taken from pool (${v.int(3, 22)}/50 in use)` },
  {
    level: 'DEBUG',
    weight: 8,
    text: (v) => `SELECT FROM payment WHERE order_id = ? took ${v.int(1, 14)} ms, ${v.int(0, 3)} rows`,
  },
  { level: 'INFO', weight: 4, text: (v) => `refund of ${v.amount()} EUR for ${v.orderId()} requested by ${v.name()}` },
  { level: 'INFO', weight: 3, text: (v) => `fraud score ${v.int(1, 60)} for payment ${v.hex(10)}: accepted` },
  {
    level: 'INFO',
    weight: 2,
    text: (v) =>
      `webhook ${v.pick(['charge.succeeded', 'charge.updated', 'payout.paid'])} received, id evt_${v.hex(14)}`,
  },
  {
    level: 'WARN',
    weight: 2,
    status: 402,
    text: (v) => `card declined for ${v.orderId()}: ${v.pick(['insufficient funds', 'do not honour', 'expired card'])}`,
  },
  { level: 'WARN', weight: 1, text: (v) => `fraud score ${v.int(70, 99)} for payment ${v.hex(10)}: sent to review` },
  { level: 'WARN', weight: 1, text: (v) => `provider adyen slow: ${v.int(1200, 3500)} ms` },
  {
    level: 'ERROR',
    weight: 5,
    status: 502,
    errorCode: 'PROVIDER_ERROR',
    text: (v) =>
      `provider ${v.pick(['stripe', 'adyen'])} answered 5xx for payment ${v.hex(10)}, will retry in ${v.int(1, 8)} s`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 409,
    errorCode: 'DUPLICATE_PAYMENT',
    text: (v) => `duplicate payment for ${v.orderId()} refused`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'DB_DEADLOCK',
    text: (v) =>
      `could not store payment ${v.hex(10)}\njava.sql.SQLTransactionRollbackException: deadlock detected\n\tat shop.payment.Store.insert(Store.java:${v.int(60, 220)})\n\tat shop.payment.Capture.run(Capture.java:${v.int(20, 90)})\nCaused by: ERROR: deadlock detected (SQLSTATE 40P01)`,
  },
];
