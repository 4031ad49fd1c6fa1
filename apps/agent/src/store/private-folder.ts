import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Logs are other people's secrets: a folder that did not exist is made for the agent alone. Those above it are not. */
export function makePrivateFolder(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
}
