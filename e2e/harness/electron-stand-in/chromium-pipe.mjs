/** Chromium as a child process: commands over a pipe for us, a WebSocket endpoint for Playwright. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHROMIUM_ARGS, CHROMIUM_ENV, findChromium } from '../chromium.ts';

const FLAGS = [
  ...CHROMIUM_ARGS,
  '--headless',
  '--remote-debugging-port=0',
  '--remote-debugging-pipe',
  '--remote-allow-origins=*',
  '--no-first-run',
  '--no-startup-window',
  '--disable-gpu',
  '--disable-sync',
  '--disable-extensions',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  // A window that no one looks at must keep its timers: that is what Electron's windows in front do.
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];
const START_LIMIT_MS = 30_000;

export async function startChromium() {
  const profile = mkdtempSync(join(tmpdir(), 'electron-stand-in-'));
  const child = spawn(await findChromium(), [...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...CHROMIUM_ENV },
  });
  const endpoint = await endpointOf(child);
  const waiting = new Map();
  const listeners = new Map();
  let lastId = 0;

  readMessages(child.stdio[4], (message) => {
    if (message.id === undefined) {
      listeners.get(message.sessionId ?? '')?.(message.method, message.params);
      return;
    }
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
    else call.resolve(message.result);
  });

  return {
    endpoint,
    send(method, params = {}, sessionId = undefined) {
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { method, resolve, reject });
        child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      });
    },
    /** One listener a session; `null` ends it. */
    listen(sessionId, listener) {
      if (listener === null) listeners.delete(sessionId);
      else listeners.set(sessionId, listener);
    },
    stop() {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
      // Its children end a moment after it and may still write.
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

function endpointOf(child) {
  return new Promise((resolve, reject) => {
    const said = [];
    const fail = (why) => reject(new Error(`the stand-in's Chromium ${why}\n${said.slice(-20).join('\n')}`));
    const limit = setTimeout(() => fail(`did not start within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const match = /^DevTools listening on (ws:.*)$/.exec(line);
      if (match === null) return;
      clearTimeout(limit);
      resolve(match[1]);
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
  });
}

/** Messages on the pipe end with a zero byte and may arrive in pieces. */
function readMessages(stream, take) {
  let pieces = [];
  stream.on('data', (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      pieces.push(rest.subarray(0, end));
      take(JSON.parse(Buffer.concat(pieces).toString('utf8')));
      pieces = [];
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) pieces.push(rest);
  });
}
