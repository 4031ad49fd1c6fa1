import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentProcess } from './agent-process.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const agent = new AgentProcess();
const elsewhere = mkdtempSync(join(tmpdir(), 'sentinellog-second-'));
beforeAll(() => agent.start());
afterAll(async () => {
  await agent.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

function start(...options: readonly string[]) {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'start', ...options], {
    encoding: 'utf8',
    env: { ...process.env, SENTINELLOG_LOG_LEVEL: 'silent' },
    timeout: 60_000,
  });
  return { status, lines: stderr.trimEnd().split('\n') };
}

describe('an agent that cannot start says why in one line', () => {
  it('when another one has the data folder', () => {
    const { status, lines } = start('--data-dir', agent.dataDir, '--listen', '127.0.0.1:0');
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/in use by another agent \(process \d+\).*--data-dir/);
  });

  it('when another program has the port', () => {
    const { status, lines } = start('--data-dir', elsewhere, '--listen', new URL(agent.url).host);
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/is in use by another program; choose another --listen/);
  });

  it('when a setting does not exist', () => {
    const { status, lines } = start('--data-dir', elsewhere, '--listen', 'nonsense');
    expect(status).toBe(1);
    expect(lines[0]).toContain('--listen');
  });
});

describe('the first start', () => {
  it('writes the credentials for nobody else to read', () => {
    expect(statSync(join(agent.dataDir, 'credentials.json')).mode & 0o777).toBe(0o600);
    expect(agent.credentials.ingestKey).toMatch(/^slk_/);
    expect(agent.credentials.adminToken).toMatch(/^slt_/);
  });
});
