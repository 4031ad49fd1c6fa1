import { describe, expect, it } from 'vitest';
import { simulationReport } from './simulation-report.ts';

const NOW = Date.parse('2026-03-03T14:00:00Z');
const DAY = 86_400_000;

function shown(isTTY: boolean) {
  const written: string[] = [];
  return { written, report: simulationReport({ isTTY, write: (text) => written.push(text) }) };
}

describe('the report of a simulation', () => {
  it('draws a bar over history on a terminal', () => {
    const { written, report } = shown(true);
    report({ type: 'started', fromMs: NOW - DAY, dueMs: NOW, nowMs: NOW });
    report({ type: 'progress', eventMs: NOW - DAY / 2, dueMs: NOW, sent: 950_000, nowMs: NOW + 4000 });
    expect(written.at(-1)).toBe('\r\u001b[Khistory ██████████████░░░░░░░░░░░░░░  50 %  950,000 lines, 237,500/s');
    report({ type: 'present', sent: 1_900_000, nowMs: NOW + 8000 });
    expect(written.at(-1)).toBe('\r\u001b[Khistory sent: 1,900,000 lines in 8.0 s\n');
  });

  it('writes a plain line every five seconds elsewhere, and nothing while it is live', () => {
    const { written, report } = shown(false);
    report({ type: 'started', fromMs: NOW - DAY, dueMs: NOW, nowMs: NOW });
    for (let ms = 0; ms < 10_000; ms += 100) {
      report({ type: 'progress', eventMs: NOW - DAY, dueMs: NOW, sent: 0, nowMs: NOW + ms });
    }
    expect(written).toHaveLength(2);
    expect(written.join('')).not.toContain('\u001b');
    report({ type: 'present', sent: 1, nowMs: NOW + 10_000 });
    for (let ms = 0; ms < 60_000; ms += 100) {
      report({ type: 'progress', eventMs: NOW + ms, dueMs: NOW + ms, sent: ms, nowMs: NOW + ms });
    }
    expect(written).toHaveLength(3);
  });

  it('says what a scenario is, and what the agent said, without its control characters', () => {
    const { written, report } = shown(false);
    report({ type: 'scenario_started', name: 'cascade', eventMs: NOW });
    report({ type: 'scenario_ended', name: 'cascade', eventMs: NOW + 303_000 });
    report({ type: 'retry', reason: '503 \u001b[31moverloaded', waitMs: 1000 });
    expect(written).toEqual([
      expect.stringMatching(/^14:00:00 scenario cascade begins: payment runs out/),
      '14:05:03 scenario cascade is over\n',
      'the agent did not take a batch (503 \\x1b[31moverloaded): again in 1000 ms\n',
    ]);
  });
});
