/** Electron's command line on Node: `electron [switches] [-r module] app [arguments]`. */
import inspector from 'node:inspector';
import { readFileSync, statSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startChromium } from './chromium-pipe.mjs';

/** As in Electron, a main bundle that awaits at its top level does not hold `ready` back for longer than this. */
const READY_GRACE_MS = 100;
const ORPHAN_CHECK_MS = 1000;

const commandLine = process.argv.slice(2);
const { required, target } = readCommandLine(commandLine);
const appFolder = statSync(target).isDirectory() ? target : dirname(target);
const manifest = readManifest(appFolder);
const entry = appFolder === target ? join(appFolder, manifest.main ?? 'index.js') : target;

const chromium = await startChromium();
globalThis[Symbol.for('stand-in.host')] = { chromium, manifest, appFolder };

Object.defineProperty(process.versions, 'electron', { value: electronVersion(), enumerable: true });
Object.assign(process, { type: 'browser', resourcesPath: join(appFolder, 'resources'), defaultApp: true });
process.argv = [process.argv[0], ...commandLine];

const replacement = new URL('./module.mjs', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    ['electron', 'electron/main', 'electron/common'].includes(specifier)
      ? { url: replacement, shortCircuit: true }
      : next(specifier, context),
});
const { app } = await import(replacement);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => app.exit(0));
process.on('exit', () => chromium.stop());
process.on('uncaughtException', (error) => {
  console.error('A JavaScript error occurred in the main process\n', error);
  app.exit(1);
});

if (commandLine.some((argument) => argument.startsWith('--inspect'))) {
  const require = createRequire(import.meta.url);
  for (const module of required) require(module);
  endWithParent();
  // Playwright waits for these two lines: Node's own ("Debugger listening on …"), then Chromium's.
  inspector.open(0);
  process.stderr.write(`DevTools listening on ${chromium.endpoint}\n`);
}

const started = import(pathToFileURL(entry).href);
await Promise.race([started, new Promise((go) => setTimeout(go, READY_GRACE_MS))]);
app.becomeReady();
await started;

function readCommandLine(parts) {
  const required = [];
  let at = 0;
  for (; at < parts.length && parts[at].startsWith('-'); at++) {
    if (parts[at] === '-r' || parts[at] === '--require') required.push(parts[++at]);
  }
  return { required, target: resolve(parts[at] ?? '.') };
}

function readManifest(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}

function electronVersion() {
  return createRequire(entry)('electron/package.json').version;
}

/** Whoever launched us may be killed without a word; its Chromium must not stay behind. */
function endWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) app.exit(1);
  }, ORPHAN_CHECK_MS).unref();
}
