import { describe, expect, it } from 'vitest';
import { TypingGuard } from './typing-guard.ts';

describe('TypingGuard', () => {
  it('is deaf for the first 300 ms after the window came to the front', () => {
    const guard = new TypingGuard();
    guard.focused(1000);
    expect(guard.judge('incident.ack', 1200)).toBe('too soon');
    expect(guard.judge('incident.ack', 1300)).toBe('run');
  });

  it('takes three different changes right after that for somebody typing, and stops', () => {
    const guard = new TypingGuard();
    guard.focused(1000);
    expect(guard.judge('incident.ack', 1400)).toBe('run');
    expect(guard.judge('incident.resolve', 1500)).toBe('run');
    expect(guard.judge('incident.reopen', 1600)).toBe('typing elsewhere');
    expect(guard.judge('incident.ack', 1700)).toBe('typing elsewhere');
    expect(guard.judge('incident.ack', 2500)).toBe('run');
  });

  it('lets a practised hand repeat one key as fast as it likes', () => {
    const guard = new TypingGuard();
    guard.focused(0);
    for (let i = 0; i < 20; i++) expect(guard.judge('incident.ack', 400 + i * 30)).toBe('run');
  });
});
