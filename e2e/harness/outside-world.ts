/** Slack, PagerDuty and the others, played by the agent's own fakes in a process of theirs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../apps/agent/test/fakes/serve-outside-world.ts', import.meta.url));

interface Heard {
  /** Blocks of each first message as they are now, as JSON. */
  readonly slack: readonly string[];
  /** Where a message is none that Slack would take. */
  readonly slackProblems: readonly string[];
  /** Incidents that PagerDuty opened, and acknowledgements that it was sent. */
  readonly opened: number;
  readonly acknowledged: number;
}

export interface OutsideWorld {
  /** Options and environment for an agent that is to tell it. */
  readonly options: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  heard(): Promise<Heard>;
  close(): Promise<void>;
}

export async function openOutsideWorld(): Promise<OutsideWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'sentinellog-outside-'));
  const child = spawn(process.execPath, [PROGRAM, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, options, environment } = JSON.parse(line) as Pick<OutsideWorld, 'options' | 'environment'> & {
    url: string;
  };
  return {
    options,
    environment,
    heard: async () => (await (await fetch(url)).json()) as Heard,
    async close() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
