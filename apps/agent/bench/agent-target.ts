import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentStatusSchema } from '@sentinellog/shared';
import { z } from 'zod';
import { ServerProcess } from './server-process.ts';

const CredentialsSchema = z.object({ adminToken: z.string(), ingestKey: z.string() });

/** The real agent with everything on, on a data folder of its own. */
export interface AgentTarget {
  readonly url: string;
  readonly key: string;
  readonly adminToken: string;
  /** Events that it says it has accepted. */
  acceptedEvents(): Promise<number>;
  /** Of its journal, as it lies on disk. */
  journalBytes(): Promise<number>;
  peakMemoryMb(): number | undefined;
  /** From here on `peakMemoryMb` is that of what follows. */
  forgetPeak(): void;
  /** Kills it as a crash would and starts it again on the same folder; milliseconds until it is ready. */
  restartAfterKill(): Promise<number>;
  /** Milliseconds until nothing of the journal is left to be counted. */
  caughtUp(): Promise<number>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

export async function startAgentTarget(): Promise<AgentTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'sentinellog-bench-'));
  const args = ['start', '--data-dir', dir, '--listen', '127.0.0.1:0'];
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  let server: ServerProcess;
  try {
    server = await ServerProcess.start('../src/main.ts', args);
  } catch (error) {
    remove();
    throw error;
  }
  const credentials = CredentialsSchema.parse(JSON.parse(readFileSync(join(dir, 'credentials.json'), 'utf8')));
  const status = async () => {
    const headers = { authorization: `Bearer ${credentials.adminToken}` };
    const response = await fetch(`${server.url}/v1/agent`, { headers, signal: AbortSignal.timeout(10_000) });
    return AgentStatusSchema.parse(await response.json()).health;
  };
  return {
    get url() {
      return server.url;
    },
    key: credentials.ingestKey,
    adminToken: credentials.adminToken,
    acceptedEvents: async () => (await status()).accepted_total,
    journalBytes: async () => (await status()).journal_bytes,
    peakMemoryMb: () => server.peakMemoryMb(),
    forgetPeak: () => server.forgetPeak(),
    restartAfterKill: async () => {
      await server.kill();
      const from = performance.now();
      server = await ServerProcess.start('../src/main.ts', args);
      return performance.now() - from;
    },
    caughtUp: async () => {
      const from = performance.now();
      while ((await status()).replay_pending_bytes > 0) await sleep(20);
      return performance.now() - from;
    },
    stop: async () => {
      await server.stop();
      remove();
    },
  };
}
