import { describe, expect, it } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

describe('same origin', () => {
  it.each([
    ['http://127.0.0.1:7700', '127.0.0.1:7700'],
    ['https://logs.example.com', 'logs.example.com'],
    ['https://logs.example.com', 'logs.example.com:443'],
    ['http://LOGS.example.com', 'logs.example.com'],
  ])('%s is the page of %s', (origin, host) => {
    expect(isSameOrigin(origin, host)).toBe(true);
  });

  it.each([
    ['http://127.0.0.1:7701', '127.0.0.1:7700'],
    ['https://logs.example.com.evil.test', 'logs.example.com'],
    ['null', 'logs.example.com'],
    ['file://', ''],
    ['sentinel://app', 'app'],
    ['http://a b', 'a b'],
    [undefined, 'logs.example.com'],
    ['https://logs.example.com', undefined],
  ])('%s is not the page of %s', (origin, host) => {
    expect(isSameOrigin(origin, host)).toBe(false);
  });
});
