import { describe, expect, it } from 'vitest';
import { bytesOf } from '../testing/index.ts';
import { HeaderMemory } from './header-memory.ts';

const messageOf = (line: string) => {
  const bytes = bytesOf(line);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return line.slice(new HeaderMemory().messageStart(bytes, view, 0, bytes.length)).trim();
};

describe('a header', () => {
  it.each([
    ['syslog', 'Mar  2 08:00:01 web-3 nginx[812]: upstream timed out', 'upstream timed out'],
    ['syslog with a host of letters', 'Mar  2 08:00:01 gateway kernel: link is down', 'link is down'],
    ['ISO time, level, logger', '2026-03-02T08:00:01.113Z ERROR shop.cart.Store: no such cart', 'no such cart'],
    ['log4j', '2026-03-02 08:00:01,113 WARN [http-nio-80-exec-4] com.shop.Cart - cart is empty', 'cart is empty'],
    [
      'Spring',
      '2026-03-02 08:00:01.113  INFO 4711 --- [main] c.shop.Application : started in 3.2 seconds',
      'started in 3.2 seconds',
    ],
    ['Apache', '[Mon Mar 02 08:00:01 2026] [error] File does not exist', 'File does not exist'],
    ['letter levels', '03-02 08:00:01.113  1702  2644 D Battery: level is 80', 'level is 80'],
    ['bars', '20260302-08:00:01:113|Steps|30002312|calculated 42 steps', 'calculated 42 steps'],
    ['columns', '2026-03-02 08:00:01, Info     SETUP  Session 17 opened', 'Session 17 opened'],
    ['a level alone', '[WARN] disk is nearly full', 'disk is nearly full'],
    ['an epoch', '- 1772438401 2026.03.02 node7 Mar 2 08:00:01 node7/node7 crond[12]: job ended', 'job ended'],
  ])('ends before the message: %s', (_name, line, message) => {
    expect(messageOf(line)).toBe(message);
  });

  it.each([
    'Session opened for user root',
    'failed: connection reset by peer',
    'Error loading the image',
    '10.20.30.40:50010 served block 17',
    '1365301360 alignment exceptions',
    'user=root action=login',
    '',
  ])('is not seen in a message alone: %s', (line) => {
    expect(messageOf(line)).toBe(line);
  });

  it('leaves a line that is nothing but header whole', () => {
    expect(messageOf('2026-03-02 08:00:01 INFO')).toBe('2026-03-02 08:00:01 INFO');
  });
});
