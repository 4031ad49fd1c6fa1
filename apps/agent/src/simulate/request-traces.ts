import { SERVICE_NAMES, type ServiceName } from './services.ts';
import type { Variables } from './messages/variables.ts';

/** Who calls whom: a service's lines belong to requests that its caller has just passed on; null starts its own. */
const CALLER: Readonly<Record<ServiceName, ServiceName | null>> = {
  gateway: null,
  'auth-service': 'gateway',
  'order-service': 'gateway',
  'payment-service': 'order-service',
  'inventory-service': 'order-service',
  'notification-service': 'order-service',
  'search-service': 'gateway',
  'user-service': 'gateway',
  'batch-reports': null,
};
/** Requests that a service has under way, and so may be passed on: about two seconds of traffic. */
const UNDER_WAY = 16;

interface Request {
  readonly traceId: string;
  readonly requestId: string;
  readonly userId: string;
}

/** Requests on their way through the chain gateway → order → payment: one trace id on all of their lines. */
export class RequestTraces {
  readonly #recent = new Map<ServiceName, Request[]>(SERVICE_NAMES.map((service) => [service, []]));
  #index = 0;

  /** The request that the next line of a service belongs to. */
  next(service: ServiceName, v: Variables): Request {
    const caller = CALLER[service];
    const passedOn = caller === null ? [] : this.#recent.get(caller)!;
    const request =
      passedOn.length > 0
        ? v.pick(passedOn)
        : { traceId: v.hex(32), requestId: `req-${v.hex(12)}`, userId: `u${v.int(10_000, 99_999)}` };
    const own = this.#recent.get(service)!;
    own[own.length < UNDER_WAY ? own.length : this.#index++ % UNDER_WAY] = request;
    return request;
  }
}
