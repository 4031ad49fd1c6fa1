/**
 * Packages the desktop app for Linux on a machine that cannot download Electron: `npm run package:try` after
 * `npm run build`. electron-builder (fetched from npm) takes its real configuration, and puts the end-to-end tests'
 * stand-in where Electron's binary would be; `check-package.ts` then looks at the archive and the fuses. What comes out
 * proves the configuration, not Electron: the release workflow builds the installers.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUILDER = /electron-builder@([\d.]+)/.exec(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'))?.[0] ?? '';
const VERSION = /^electronVersion: (.*)$/m.exec(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8'))?.[1] ?? '';
/** A fuse wire as Electron's binaries carry one (@electron/fuses): the sentence, version 1, nine fuses, all as delivered. */
const FUSE_WIRE = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('011001010'),
]);

const electron = mkdtempSync(join(tmpdir(), 'sentinellog-electron-'));
try {
  cpSync(join(ROOT, 'e2e/harness/electron-stand-in'), electron, { recursive: true });
  const start = readFileSync(join(electron, 'electron'));
  writeFileSync(join(electron, 'electron'), Buffer.concat([start, Buffer.from('exit\n'), FUSE_WIRE]));
  chmodSync(join(electron, 'electron'), 0o755);
  for (const folder of ['locales', 'resources']) mkdirSync(join(electron, folder));
  writeFileSync(join(electron, 'version'), VERSION);
  for (const file of ['LICENSE', 'LICENSES.chromium.html', 'locales/en-US.pak'])
    writeFileSync(join(electron, file), '');
  writeFileSync(join(electron, 'resources/default_app.asar'), emptyArchive());
  run('npx', '--yes', BUILDER, '--linux', 'dir', '--publish', 'never', `-c.electronDist=${electron}`);
  run('node', 'scripts/check-package.ts');
} finally {
  rmSync(electron, { recursive: true, force: true });
}

/** An asar without files: lengths around a JSON header. */
function emptyArchive(): Buffer {
  const header = Buffer.from('{"files":{}}');
  const lengths = Buffer.alloc(16);
  for (const [i, length] of [4, header.length + 8, header.length + 4, header.length].entries()) {
    lengths.writeUInt32LE(length, i * 4);
  }
  return Buffer.concat([lengths, header]);
}

function run(command: string, ...args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', timeout: 300_000 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? error?.message}`);
}
