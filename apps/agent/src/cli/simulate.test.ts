import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeAgent } from '../simulate/testing/fake-agent.ts';
import { CliError } from './cli-error.ts';
import { register } from './simulate.ts';

let agent: FakeAgent;
let dataDir: string;
let printed: string;

beforeEach(async () => {
  agent = await FakeAgent.start();
  dataDir = mkdtempSync(join(tmpdir(), 'sentinellog-simulate-'));
  writeFileSync(join(dataDir, 'agent.json'), JSON.stringify({ url: agent.url, pid: 4711 }));
  writeFileSync(join(dataDir, 'credentials.json'), JSON.stringify({ ingestKey: 'slk_mine', adminToken: 'slt_mine' }));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(async () => {
  vi.restoreAllMocks();
  rmSync(dataDir, { recursive: true });
  await agent.stop();
});

async function simulate(...args: readonly string[]): Promise<void> {
  const program = new Command('sentinellog').exitOverride();
  register(program);
  await program.parseAsync(['simulate', ...args], { from: 'user' });
}

describe('sentinellog simulate', () => {
  it('finds the agent and its key in the data folder, and sums up as JSON', async () => {
    await simulate('--data-dir', dataDir, '--history', '10m', '--once', '--json');
    const summary = JSON.parse(printed) as { sent: number; accepted: number };
    expect(summary.sent).toBeGreaterThan(3000);
    expect(summary.accepted).toBe(summary.sent);
    expect(agent.accepted[0]).toMatchObject({ key: 'slk_mine' });
  });

  it('lets a URL and a key that are given win', async () => {
    writeFileSync(join(dataDir, 'agent.json'), JSON.stringify({ url: 'http://127.0.0.1:1', pid: 4711 }));
    await simulate('--data-dir', dataDir, '--url', agent.url, '--key', 'slk_other', '--once');
    expect(agent.accepted[0]).toMatchObject({ key: 'slk_other' });
    expect(printed).toMatch(/^sent \d+ lines of .*: \d+ accepted, 0 rejected; 0 retries, \d+ lines\/s\n$/);
  });

  it('sends a scenario of the past', async () => {
    const when = '--scenario=brute-force@2026-01-05T08:10:00Z';
    await simulate(
      '--data-dir',
      dataDir,
      '--from',
      '2026-01-05T08:00:00Z',
      '--speed',
      'max',
      '--duration',
      '20m',
      when,
    );
    const attempts = agent.accepted
      .flatMap(({ body }) => body.split('\n'))
      .filter((line) => line.includes('from 203.0.113.'));
    expect(attempts.length).toBeGreaterThan(500);
    expect(attempts[0]).toContain('2026-01-05T08:10:0');
  });

  it('lists the scenarios without an agent', async () => {
    await simulate('--list-scenarios');
    expect(printed).toContain('cascade         payment runs out of database connections');
    expect(printed.trim().split('\n')).toHaveLength(7);
    expect(agent.received).toEqual([]);
  });

  it.each([
    [['--history', 'yesterday'], /--history takes a duration/],
    [['--rate', '0'], /--rate takes a number/],
    [['--seed', '1.5'], /--seed takes a whole number/],
    [['--scenario', 'meteor'], /no scenario "meteor": choose of cascade/],
    [['--scenario', 'cascade@noon'], /--scenario takes an ISO 8601 time/],
    [['--speed', '60'], /--speed needs --from/],
    [['--from', '2026-01-05', '--history', '24h'], /--from does not go with/],
    [['--from', '2199-01-01', '--speed', 'max'], /needs --duration/],
    [['--url', 'ftp://logs'], /http or https/],
  ])('refuses %j in one line', async (args, message) => {
    const run = simulate('--data-dir', dataDir, ...args);
    await expect(run).rejects.toThrow(message);
    await expect(run).rejects.toBeInstanceOf(CliError);
    expect(agent.received).toEqual([]);
  });

  it('says how to name an agent and a key when there is none, and what is missing in an empty data folder', async () => {
    await expect(simulate('--url', agent.url)).rejects.toThrow(/--key, or --data-dir/);
    await expect(simulate('--key', 'slk_mine')).rejects.toThrow(/--url, or --data-dir/);
    rmSync(join(dataDir, 'credentials.json'));
    await expect(simulate('--data-dir', dataDir)).rejects.toThrow(/credentials.json.*has the agent been started/);
  });
});
