import type { Template } from './template.ts';

export const ORDER_SERVICE: readonly Template[] = [
  {
    level: 'INFO',
    weight: 24,
    status: 201,
    text: (v) => `order ${v.orderId()} created by user ${v.userId}: ${v.int(1, 9)} items, ${v.amount()} EUR`,
  },
  { level: 'INFO', weight: 18, text: (v) => `order ${v.orderId()} confirmed after ${v.durationMs} ms` },
  { level: 'INFO', weight: 10, text: (v) => `reserving ${v.int(1, 4)} × ${v.sku()} for ${v.orderId()}` },
  {
    level: 'INFO',
    weight: 9,
    text: (v) => `calling payment-service for ${v.orderId()} amount=${v.amount()} currency=EUR`,
  },
  {
    level: 'INFO',
    weight: 7,
    text: (v) =>
      `order ${v.orderId()} moved from ${v.pick(['created to paid', 'paid to packed', 'packed to shipped'])}`,
  },
  {
    level: 'DEBUG',
    weight: 10,
    text: (v) => `cart ${v.hex(8)} loaded with ${v.int(1, 12)} lines in ${v.int(1, 20)} ms`,
  },
  {
    level: 'DEBUG',
    weight: 8,
    text: (v) =>
      `published order.${v.pick(['created', 'paid', 'shipped'])} offset=${v.int(1_000_000, 9_999_999)} partition=${v.int(0, 11)}`,
  },
  {
    level: 'INFO',
    weight: 3,
    text: (v) => `coupon ${v.pick(['WELCOME10', 'SUMMER', 'FRIENDS'])} applied to ${v.orderId()}: -${v.int(1, 20)} EUR`,
  },
  { level: 'INFO', weight: 2, text: (v) => `order ${v.orderId()} cancelled by ${v.pick(['customer', 'support'])}` },
  {
    level: 'WARN',
    weight: 2,
    status: 409,
    text: (v) => `${v.sku()} no longer available for ${v.orderId()}: ${v.int(0, 2)} left`,
  },
  { level: 'WARN', weight: 1, text: (v) => `payment-service slow for ${v.orderId()}: ${v.int(900, 2900)} ms` },
  {
    level: 'ERROR',
    weight: 4,
    status: 500,
    errorCode: 'ORDER_STATE',
    text: (v) => `illegal transition of ${v.orderId()}: ${v.pick(['shipped to created', 'cancelled to paid'])}`,
  },
  {
    level: 'ERROR',
    weight: 3,
    status: 422,
    errorCode: 'ADDRESS_INVALID',
    text: (v) =>
      `address of user ${v.userId} failed validation: field "${v.pick(['zip', 'street', 'country'])}" is empty`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'UNEXPECTED',
    text: (v) =>
      `order ${v.orderId()} failed\nTraceback (most recent call last):\n  File "/app/orders/service.py", line ${v.int(80, 320)}, in confirm\n    total = sum(line.price * line.quantity for line in cart)\nTypeError: unsupported operand type(s) for *: 'NoneType' and 'int'`,
  },
];
