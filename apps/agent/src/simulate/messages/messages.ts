import type { ServiceName } from '../services.ts';
import { AUTH_SERVICE } from './auth-service.ts';
import { BATCH_REPORTS } from './batch-reports.ts';
import { GATEWAY } from './gateway.ts';
import { INVENTORY_SERVICE } from './inventory-service.ts';
import { NOTIFICATION_SERVICE } from './notification-service.ts';
import { ORDER_SERVICE } from './order-service.ts';
import { PAYMENT_SERVICE } from './payment-service.ts';
import { SEARCH_SERVICE } from './search-service.ts';
import type { Template } from './template.ts';
import { USER_SERVICE } from './user-service.ts';

/** What each service says on an ordinary day. */
export const MESSAGES: Readonly<Record<ServiceName, readonly Template[]>> = {
  gateway: GATEWAY,
  'auth-service': AUTH_SERVICE,
  'payment-service': PAYMENT_SERVICE,
  'order-service': ORDER_SERVICE,
  'inventory-service': INVENTORY_SERVICE,
  'notification-service': NOTIFICATION_SERVICE,
  'search-service': SEARCH_SERVICE,
  'user-service': USER_SERVICE,
  'batch-reports': BATCH_REPORTS,
};

/** Lines that the agent counts as errors (packages/shared `errorsOf`): the traffic model decides how many there are. */
export function isError({ level }: Template): boolean {
  return level === 'ERROR' || level === 'FATAL';
}
