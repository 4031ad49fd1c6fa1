/**
 * `npm run prove:fsync -- [--requests N]`: runs the front under strace and counts from the outside, in the kernel's
 * order: whenever an answer of 202 begins to be written, at least as many records have been flushed with fdatasync as
 * answers have been given (judge-trace.ts). Linux with strace; elsewhere it says so and ends with exit code 2.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FRONT_KEY } from '../front/front.ts';
import { judgeTrace } from './judge-trace.ts';

const FRONT = fileURLToPath(new URL('../front/front-process.ts', import.meta.url));
const CONNECTIONS = 20;
const TRACED = 'pwritev,pwrite64,pwritev2,fdatasync,write,writev,sendto,sendmsg';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '2000' } } });
const requests = Number(values.requests);

try {
  execFileSync('strace', ['-V'], { stdio: 'ignore' });
} catch {
  process.stderr.write('prove-fsync: strace is not there (Debian: apt-get install strace); nothing was proven\n');
  process.exit(2);
}

// strace stops the process at each call, so this is slow; what it shows does not depend on the pace.
const dir = mkdtempSync(join(tmpdir(), 'prove-fsync-'));
const trace = join(dir, 'trace');
// 64 bytes of each write are enough for a marker and a status line.
const options = ['-f', '-ttt', '-s', '64', '-xx', '-y', '-e', `trace=${TRACED}`, '-o', trace];
const front = spawn('strace', [...options, process.execPath, FRONT, join(dir, 'journal')], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const lines = createInterface({ input: front.stdout })[Symbol.asyncIterator]();
  const url: string = (await lines.next()).value ?? '';
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let sent = 0;
  const sender = async (): Promise<void> => {
    while (sent < requests) await send(`${url}/v1/ingest`, sent++, agent);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  agent.destroy();
  const ended = new Promise((resolve) => {
    front.once('exit', resolve);
  });
  front.stdin.end();
  await ended;
  const verdict = judgeTrace(readFileSync(trace, 'utf8').split('\n'));
  process.stdout.write(
    `${verdict.answers} answers of 202, ${verdict.flushes} flushes: ${verdict.early.length} answers before their flush\n`,
  );
  for (const line of verdict.early.slice(0, 5)) process.stdout.write(`  ${line}\n`);
  process.exitCode = verdict.early.length === 0 && verdict.answers >= requests ? 0 : 1;
} finally {
  front.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}

function send(url: string, number: number, agent: http.Agent): Promise<void> {
  const headers = { 'x-sentinel-key': FRONT_KEY };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    request.on('error', reject);
    request.end(JSON.stringify({ service: 'payment-service', level: 'INFO', message: `request ${number}` }));
  });
}
