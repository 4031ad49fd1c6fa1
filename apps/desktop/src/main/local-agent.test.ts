import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localAgent } from './local-agent.ts';

describe('the agent that npm start passes', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'local-agent-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const environment = (file: string) => ({
    SENTINELLOG_AGENT_URL: 'http://127.0.0.1:8400',
    SENTINELLOG_AGENT_TOKEN_FILE: join(folder, file),
  });

  it('is nobody when nothing was passed', async () => {
    expect(await localAgent({})).toBeNull();
    expect(await localAgent({ SENTINELLOG_AGENT_URL: 'http://127.0.0.1:8400' })).toBeNull();
  });

  it('has its token in the file that was named, not in the environment', async () => {
    await writeFile(join(folder, 'credentials.json'), '{"adminToken":"slt_1","ingestKey":"slk_1"}');
    expect(await localAgent(environment('credentials.json'))).toEqual({ url: 'http://127.0.0.1:8400', token: 'slt_1' });
  });

  it('is refused when the file is not one of credentials', async () => {
    await writeFile(join(folder, 'other.json'), '{"adminToken":""}');
    await expect(localAgent(environment('other.json'))).rejects.toThrow();
    await expect(localAgent(environment('missing.json'))).rejects.toThrow(/ENOENT/);
  });
});
