import { describe, expect, it } from 'vitest';
import { namedServices } from './named-services.ts';

const SERVICES = new Set(['payment-service', 'order-service', 'gateway']);
const named = (...lines: string[]) => namedServices(lines, (name) => SERVICES.has(name));

describe('services that lines speak of', () => {
  it('are found as words, as hosts and as addresses', () => {
    expect(named('payment-service did not answer for o-4711 within 5000 ms')).toEqual(['payment-service']);
    expect(named('504 POST /api/checkout: order-service-7d9f-x2kq1 timed out after 5003 ms')).toEqual([
      'order-service',
    ]);
    expect(named('dial tcp order-service.shop.svc.cluster.local:8080: connection refused')).toEqual(['order-service']);
  });

  it('are not found inside other words, and each once', () => {
    expect(named('apigateway up', 'my-payment-service', 'connection pool exhausted: 50/50 in use')).toEqual([]);
    expect(named('payment-service', 'payment-service: gateway "gateway"')).toEqual(['payment-service', 'gateway']);
  });
});
