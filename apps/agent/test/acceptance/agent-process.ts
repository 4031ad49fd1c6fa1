/** A real agent in a process of its own, for tests that kill it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  type AnomalyListSchema,
  type HeartbeatAnswer,
  HeartbeatAnswerSchema,
  type Rejection,
  RejectionListSchema,
  AnomalyListSchema as AnomalyList,
} from '@sentinellog/shared';
import type { z } from 'zod';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Credentials {
  readonly adminToken: string;
  readonly ingestKey: string;
}

export class AgentProcess {
  readonly dataDir: string;
  #child: ChildProcess | undefined;
  readonly #commands: ChildProcess[] = [];
  #url = '';
  #listeners: Readonly<Record<string, string>> = {};

  constructor(dataDir = mkdtempSync(join(tmpdir(), 'sentinellog-acceptance-'))) {
    this.dataDir = dataDir;
  }

  get url(): string {
    return this.#url;
  }

  /** `HOST:PORT` by protocol. */
  get listeners(): Readonly<Record<string, string>> {
    return this.#listeners;
  }

  get stdin(): Writable | null {
    return this.#child?.stdin ?? null;
  }

  get credentials(): Credentials {
    return JSON.parse(readFileSync(join(this.dataDir, 'credentials.json'), 'utf8')) as Credentials;
  }

  /** @param more options of the start command */
  async start(...more: readonly string[]): Promise<void> {
    const args = [MAIN, 'start', '--data-dir', this.dataDir, '--listen', '127.0.0.1:0', ...more];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, SENTINELLOG_LOG_LEVEL: 'warn' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(([code]) =>
        Promise.reject(new Error(`the agent ended with ${String(code)} before it was ready`)),
      ),
    ])) as [string];
    const ready = JSON.parse(line) as { event: string; url: string; listeners: Record<string, string> };
    if (ready.event !== 'agent.ready') throw new Error(`expected agent.ready, got ${line}`);
    this.#url = ready.url;
    this.#listeners = ready.listeners;
  }

  /** No chance to flush or say goodbye. */
  async kill9(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended();
  }

  async stop(): Promise<number | null> {
    this.#child?.kill('SIGTERM');
    return this.#ended();
  }

  async #ended(): Promise<number | null> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  async remove(): Promise<void> {
    for (const command of this.#commands) command.kill('SIGKILL');
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Another command of the CLI; ended with the agent at the latest. */
  run(...args: readonly string[]): ChildProcess {
    const command = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.#commands.push(command);
    return command;
  }

  /** A command that ends by itself: its exit code and what it printed. */
  async runToEnd(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
    const command = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#commands.push(command);
    let output = '';
    command.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const [code] = (await once(command, 'close')) as [number | null];
    return { code, output };
  }

  /** A call that changes something; the answer whatever its status. */
  async post(
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.#url + path, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${this.credentials.adminToken}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  }

  ingest(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#url}/v1/ingest`, {
      method: 'POST',
      headers: { 'X-Sentinel-Key': this.credentials.ingestKey, 'Content-Type': 'application/x-ndjson', ...headers },
      body,
    });
  }

  async get(path: string): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      headers: { Authorization: `Bearer ${this.credentials.adminToken}` },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  async heartbeats(query: Record<string, string>): Promise<HeartbeatAnswer> {
    return HeartbeatAnswerSchema.parse(await this.get(`/v1/heartbeats?${new URLSearchParams(query).toString()}`));
  }

  async anomalies(query: Record<string, string> = {}): Promise<z.infer<typeof AnomalyListSchema>['anomalies']> {
    return AnomalyList.parse(await this.get(`/v1/anomalies?${new URLSearchParams(query).toString()}`)).anomalies;
  }

  async rejections(): Promise<readonly Rejection[]> {
    return RejectionListSchema.parse(await this.get('/v1/rejections')).rejections;
  }
}

/** Waits until `probe` gives something; fails with what it was waiting for. */
export async function eventually<T>(what: string, limitMs: number, probe: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
