import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

function captured(level: Parameters<typeof createLog>[0] = 'info') {
  const lines: string[] = [];
  return { lines, log: createLog(level, { write: (line: string) => void lines.push(line) }) };
}

describe('log', () => {
  it('writes one JSON object a line with the time and the level in words', () => {
    const { lines, log } = captured();
    log.info({ source: 'payment-service' }, 'source found');
    expect(JSON.parse(lines[0])).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      source: 'payment-service',
      msg: 'source found',
    });
  });

  it('keeps a line break of a hostile field inside the one line', () => {
    const { lines, log } = captured();
    log.warn({ service: 'pay\n{"level":"fatal"}' }, 'odd name');
    expect(lines[0].trimEnd()).not.toContain('\n');
  });

  it.each([
    [{ token: 'slt_secret' }],
    [{ request: { headers: { authorization: 'Bearer slt_secret', cookie: 'c=slt_secret' } } }],
    [{ headers: { 'x-sentinel-key': 'slt_secret' } }],
    [{ body: { key: 'slt_secret', nested: { password: 'slt_secret' } } }],
    [{ credentials: { adminToken: 'slt_secret', ingestKey: 'slt_secret' } }],
  ])('never writes a secret: %j', (fields) => {
    const { lines, log } = captured();
    log.info(fields, 'hello');
    expect(lines[0]).not.toContain('slt_secret');
    expect(lines[0]).toContain('[redacted]');
  });

  it('is quiet below its level', () => {
    const { lines, log } = captured('warn');
    log.info('not worth it');
    expect(lines).toEqual([]);
  });
});
