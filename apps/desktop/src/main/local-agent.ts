import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { NewAgent } from '../bridge/calls.ts';

const CredentialsSchema = z.object({ adminToken: z.string().min(1) });

/**
 * The agent that `npm start` has just started, so that its console opens connected: its address and the path of its
 * credentials come by environment. The token itself does not, because every child process would inherit it.
 *
 * @returns `null` when nothing was passed
 */
export async function localAgent(environment: NodeJS.ProcessEnv): Promise<NewAgent | null> {
  const url = environment['SENTINELLOG_AGENT_URL'];
  const file = environment['SENTINELLOG_AGENT_TOKEN_FILE'];
  if (url === undefined || file === undefined) return null;
  const credentials = CredentialsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return { url, token: credentials.adminToken };
}
