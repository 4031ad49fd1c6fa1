/** One instance a profile: the first listens on a socket in it, a later one tells it that it was started. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

let told = Promise.resolve();
/** Resolves when the other instance has heard our command line: we may end no earlier. */
export const handedOver = () => told;

/** @returns false when another instance runs on this profile; it has then been told our command line. */
export function takeInstanceLock(profile, onSecondInstance) {
  mkdirSync(profile, { recursive: true });
  const lock = join(profile, 'SingletonLock');
  const socket = join(profile, 'SingletonSocket');
  if (existsSync(lock) && isAlive(Number(readFileSync(lock, 'utf8')))) {
    told = new Promise((done) => {
      connect(socket).on('error', done).on('close', done).end(JSON.stringify(process.argv));
    });
    return false;
  }
  writeFileSync(lock, String(process.pid));
  rmSync(socket, { force: true });
  createServer((client) => {
    let text = '';
    client.setEncoding('utf8').on('data', (piece) => {
      text += piece;
    });
    // One that was cut short had nothing to say.
    client.on('end', () => text !== '' && onSecondInstance(JSON.parse(text)));
  })
    .listen(socket)
    .unref();
  process.on('exit', () => rmSync(lock, { force: true }));
  return true;
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
