import { describe, expect, it } from 'vitest';
import { SENDERS, senderText } from './senders.ts';

const KEY = 'slk_7QpJ3m1vX9cT5bW2rN8dKfHs4LyZ6gAe';

describe('what to paste', () => {
  it.each(SENDERS)('$id names this agent', ({ id }) => {
    expect(senderText(id, 'https://eu.example:8400/', KEY).text).toContain('eu.example');
  });

  it.each(SENDERS.filter(({ id }) => id !== 'syslog'))('$id carries the key that was just made', ({ id }) => {
    expect(senderText(id, 'http://127.0.0.1:8400', KEY).text).toContain(KEY);
  });

  it('splits the address where a sender wants its parts', () => {
    const { text } = senderText('fluent-bit', 'https://eu.example', KEY);
    expect(text).toMatch(/Host {13}eu\.example\n {4}Port {13}443\n {4}Tls {14}On/);
    expect(senderText('fluent-bit', 'http://10.0.0.7:8400', KEY).text).toMatch(/Port {13}8400\n {4}Tls {14}Off/);
  });
});
