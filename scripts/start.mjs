/**
 * `npm start`: an agent on an embedded database, and the console. `npm start -- --demo` adds live sample traffic.
 * Everything it needs on a fresh machine it sets up itself (setup.mjs).
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import {
  checkHostNode,
  ensureConsole,
  ensureDependencies,
  environment,
  hasElectron,
  main,
  ROOT,
  say,
  SetupError,
  typescriptNode,
} from './setup.mjs';

const HELP = `npm start [-- options]

  --demo             send live sample traffic (with a day of history, so that the baseline is learnt)
  --data-dir DIR     where the agent keeps its data (default: .data in this folder)
  --listen HOST:PORT where the agent listens (default: 127.0.0.1:8400; port 0 picks a free one)
  --no-open          do not open a browser
  --help             this text`;

const AGENT = join(ROOT, 'apps', 'agent', 'src', 'main.ts');

function options() {
  try {
    return parseArgs({
      options: {
        demo: { type: 'boolean', default: false },
        'data-dir': { type: 'string', default: join(ROOT, '.data') },
        listen: { type: 'string', default: '127.0.0.1:8400' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new SetupError(`${error.message}\n${HELP}`);
  }
}

/** Starts the agent; resolves with its URL when it says that it is ready. */
function startAgent(node, { 'data-dir': dataDir, listen }) {
  const child = spawn(node, [AGENT, 'start', '--data-dir', dataDir, '--listen', listen], {
    cwd: ROOT,
    env: environment({ SENTINELLOG_LOG_LEVEL: process.env.SENTINELLOG_LOG_LEVEL ?? 'warn' }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event === 'agent.ready') resolve(message.url);
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      reject(new SetupError(`The agent did not start (exit code ${code}): see the lines above`)),
    );
  });
  return { child, ready };
}

function openInBrowser(url) {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  // A machine without a browser or a desktop is not a fault: the URL is printed anyway.
  spawn(command, args, { stdio: 'ignore', detached: true }).on('error', () =>
    say('  (no browser could be opened here)'),
  );
}

await main(async () => {
  checkHostNode();
  const wanted = options();
  if (wanted.help) {
    say(HELP);
    return 0;
  }
  await ensureDependencies();
  const node = typescriptNode();
  await ensureConsole();

  say('… Starting the agent (the first start also creates its database)');
  const agent = startAgent(node, wanted);
  const children = [agent.child];
  const ended = Promise.withResolvers ? Promise.withResolvers() : withResolvers();
  const stop = () => {
    for (const child of children) child.kill('SIGTERM');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const url = await agent.ready;
  agent.child.on('exit', (code) => ended.resolve(code ?? 1));
  say(`✓ Agent ready: ${url}`);

  const credentials = join(wanted['data-dir'], 'credentials.json');
  if (wanted.demo) {
    children.push(
      spawn(node, [AGENT, 'simulate', '--demo', '--url', url, '--data-dir', wanted['data-dir']], {
        cwd: ROOT,
        env: environment(),
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
  }
  if (hasElectron()) {
    const electron = spawn(join(ROOT, 'node_modules', '.bin', 'electron'), [join(ROOT, 'apps', 'desktop')], {
      env: environment({ SENTINELLOG_AGENT_URL: url, SENTINELLOG_AGENT_TOKEN_FILE: credentials }),
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    electron.on('exit', stop);
    children.push(electron);
    say('✓ Console opened in its own window; the same console is served to a browser at the address above');
  } else {
    say(`\n  Console:       ${url}/`);
    say(
      `  Access token:  ${process.stdout.isTTY ? JSON.parse(readFileSync(credentials, 'utf8')).adminToken : `"adminToken" in ${credentials}`}`,
    );
    say(
      '  (Electron’s binary is not here, so the console opens in a browser; `npx install-electron --no` fetches it.)\n',
    );
    if (!wanted['no-open'] && process.stdout.isTTY) openInBrowser(`${url}/`);
  }
  say('  Ctrl-C stops everything.');
  return ended.promise;
});

/** Promise.withResolvers for Node 20. */
function withResolvers() {
  let resolve;
  const promise = new Promise((ok) => {
    resolve = ok;
  });
  return { promise, resolve };
}
