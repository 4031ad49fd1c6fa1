import type { Template } from './template.ts';

export const INVENTORY_SERVICE: readonly Template[] = [
  { level: 'INFO', weight: 26, text: (v) => `stock of ${v.sku()} is ${v.int(0, 480)}` },
  { level: 'INFO', weight: 20, status: 200, text: (v) => `reserved ${v.int(1, 4)} of ${v.sku()} for ${v.orderId()}` },
  { level: 'INFO', weight: 9, text: (v) => `released reservation ${v.hex(8)} after ${v.int(5, 30)} min` },
  {
    level: 'INFO',
    weight: 6,
    text: (v) => `goods received at warehouse ${v.pick(['HAM', 'MUC', 'LEJ'])}: ${v.int(10, 900)} × ${v.sku()}`,
  },
  { level: 'DEBUG', weight: 14, text: (v) => `cache refresh of ${v.int(100, 900)} items took ${v.durationMs} ms` },
  { level: 'DEBUG', weight: 8, text: (v) => `row version ${v.int(1, 99)} of ${v.sku()} written` },
  { level: 'INFO', weight: 4, text: (v) => `price of ${v.sku()} changed from ${v.amount()} to ${v.amount()} EUR` },
  { level: 'INFO', weight: 2, text: (v) => `forecast for ${v.sku()}: ${v.int(2, 60)} a day` },
  { level: 'WARN', weight: 3, text: (v) => `stock of ${v.sku()} below reorder point: ${v.int(1, 9)} left` },
  { level: 'WARN', weight: 1, status: 409, text: (v) => `optimistic lock lost on ${v.sku()}, retry ${v.int(1, 3)}` },
  {
    level: 'ERROR',
    weight: 3,
    status: 409,
    errorCode: 'OVERSOLD',
    text: (v) => `oversold ${v.sku()} by ${v.int(1, 5)}`,
  },
  {
    level: 'ERROR',
    weight: 2,
    status: 503,
    errorCode: 'WAREHOUSE_LINK',
    text: (v) => `warehouse ${v.pick(['HAM', 'MUC', 'LEJ'])} link down: EDI session ${v.hex(6)} closed`,
  },
  {
    level: 'ERROR',
    weight: 1,
    status: 500,
    errorCode: 'NEGATIVE_STOCK',
    text: (v) => `negative stock for ${v.sku()}: -${v.int(1, 9)}`,
  },
];
