/**
 * What `npm start` and `npm test` do before anything else, on a machine that has only Node >= 20.19 and npm:
 * dependencies, a Node that runs TypeScript, the built console, a Chromium. Plain JavaScript, because nothing is installed yet.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(ROOT, 'node_modules', '.bin');
const MARKER = join(ROOT, 'node_modules', '.sentinellog-installed');
const WINDOWS = process.platform === 'win32';

/** A failure that the person can act on: one line, no stack. */
export class SetupError extends Error {}

export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a step and says what it is, that it goes on, and how long it took. Its output is shown only if it fails. */
export async function step(name, command, args, options = {}) {
  const started = Date.now();
  const seconds = () => ((Date.now() - started) / 1000).toFixed(0);
  const live = process.stderr.isTTY;
  if (!live) say(`… ${name}`);
  const spin = setInterval(() => {
    if (live) process.stderr.write(`\r… ${name} (${seconds()} s) `);
    else if (Number(seconds()) % 30 === 0) say(`… ${name}, still at it after ${seconds()} s`);
  }, 1000);
  const { code, output } = await run(command, args, options);
  clearInterval(spin);
  if (live) process.stderr.write('\r\x1b[K');
  if (code !== 0) {
    say(output.trimEnd());
    throw new SetupError(options.onFailure ?? `${name} failed (exit code ${code}): see the lines above`);
  }
  say(`✓ ${name} (${seconds()} s)`);
  return output;
}

function run(command, args, { env = environment(), cwd = ROOT } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], shell: WINDOWS });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-40_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: -1, output: `${command}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Our own binaries first: node_modules/.bin/node is the Node 24 that package.json names for this platform. */
export function environment(extra = {}) {
  return { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH ?? ''}`, ...extra };
}

export function checkHostNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node ${process.versions.node} is too old: install Node 20.19 or newer, then run this again`);
  }
}

/** `npm ci` when the lockfile is not the one that is installed. */
export async function ensureDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(MARKER) && readFileSync(MARKER, 'utf8') === lock) return;
  await step('Installing dependencies (once; about half a minute with a warm npm cache)', 'npm', [
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
  writeFileSync(MARKER, lock);
}

/** Path of a Node that runs TypeScript directly (24 or newer). */
export function typescriptNode() {
  const candidates = [join(BIN, WINDOWS ? 'node.exe' : 'node'), process.execPath, 'node'];
  for (const candidate of candidates) {
    const { status, stdout } = spawnSync(candidate, ['-p', 'process.versions.node'], { encoding: 'utf8' });
    if (status === 0 && Number(stdout.split('.')[0]) >= 24) return candidate;
  }
  throw new SetupError(
    'This platform needs Node 24 or newer on the PATH (on Linux x64 it comes with the dependencies)',
  );
}

/** Builds the console when its sources are not the ones it was last built from. */
export function ensureConsole() {
  const configs = ['apps/desktop/electron.vite.config.ts', 'apps/desktop/vite.web.config.ts'];
  return ensureBuilt('Building the console', 'build', '.sources', configs);
}

/** The console on made-up agents, which tests and pictures look at. */
export function ensureGallery() {
  return ensureBuilt('Building the gallery', 'build:gallery', '.gallery-sources', [
    'apps/desktop/vite.gallery.config.ts',
  ]);
}

async function ensureBuilt(words, script, markerName, configs) {
  const marker = join(ROOT, 'apps', 'desktop', 'out', markerName);
  const sources = fingerprint(['apps/desktop/src', 'packages/shared/src'], [...configs, 'package-lock.json']);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === sources) return;
  await step(words, 'npm', ['run', '--silent', script]);
  mkdirSync(join(marker, '..'), { recursive: true });
  writeFileSync(marker, sources);
}

function fingerprint(folders, files) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).toSorted()) visit(join(path, name));
    else hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  };
  for (const each of [...folders, ...files]) visit(join(ROOT, each));
  return hash.digest('hex');
}

/** True when Electron's own binary lies beside its npm package. It is never fetched behind the user's back. */
export function hasElectron() {
  return existsSync(join(ROOT, 'node_modules', 'electron', 'dist', 'version'));
}

/**
 * A Chromium for the tests: $CHROMIUM_PATH, the one from npm, the system's, or (as root on Debian) installed now.
 * Each candidate is started once, because one that lacks a library exists but does not run.
 */
export async function ensureChromium(node) {
  const find = () => spawnSync(node, [join(ROOT, 'e2e', 'harness', 'chromium.ts')], { encoding: 'utf8', cwd: ROOT });
  let found = find();
  if (
    found.status !== 0 &&
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    existsSync('/usr/bin/apt-get')
  ) {
    const env = environment({ DEBIAN_FRONTEND: 'noninteractive' });
    await step('Updating the package list', 'apt-get', ['update', '-q'], { env });
    await step(
      'Installing Chromium for the tests',
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', 'chromium'],
      {
        env,
      },
    );
    found = find();
  }
  if (found.status !== 0) throw new SetupError(`No Chromium for the tests: ${found.stderr.trim()}`);
  return found.stdout.trim();
}

/** Runs a bootstrap to its exit code; an expected failure is one clear line. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    say(error instanceof SetupError ? `✗ ${error.message}` : `✗ ${error?.stack ?? error}`);
    process.exitCode = 1;
  }
}
