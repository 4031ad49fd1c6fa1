import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  type AgentHealth,
  AgentStatusSchema,
  AnomalyListSchema,
  HeartbeatAnswerSchema,
  TemplateListSchema,
} from '@sentinellog/shared';
import { z } from 'zod';

const PROGRAM = fileURLToPath(new URL('agent-with-clock.ts', import.meta.url));
const CredentialsSchema = z.object({ adminToken: z.string(), ingestKey: z.string() });
const ReadySchema = z.object({ url: z.url() });
const ANSWER_LIMIT_MS = 15_000;
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

/** The agent under test, in a process of its own whose clock can be set. */
export class AgentChild {
  readonly dataDir: string;
  readonly #onLog: (text: string) => void;
  #child: ChildProcess | undefined;
  #url = '';
  #clockOffsetMs = 0;
  #hasStarted = false;
  /** From the start of the process to ready, of every start but the first, which makes the database. */
  readonly restartedAfterMs: number[] = [];
  /** The most memory that any of its processes has held, as far as it was looked at. */
  peakMemoryMb = 0;
  /** Ends that nobody asked for. */
  readonly unexpectedEnds: string[] = [];

  /** @param onLog what it writes to stderr */
  constructor(dataDir: string, onLog: (text: string) => void) {
    this.dataDir = dataDir;
    this.#onLog = onLog;
  }

  get port(): number {
    return this.#url === '' ? 0 : Number(new URL(this.#url).port);
  }

  get credentials(): z.infer<typeof CredentialsSchema> {
    return CredentialsSchema.parse(JSON.parse(readFileSync(join(this.dataDir, 'credentials.json'), 'utf8')));
  }

  async start(): Promise<void> {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [PROGRAM, this.dataDir, String(this.#clockOffsetMs)], {
      env: { ...process.env, SENTINELLOG_LOG_LEVEL: 'warn' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (chunk: Buffer) => this.#onLog(chunk.toString()));
    child.stdin.on('error', () => undefined);
    child.once('exit', (code, signal) => {
      if (this.#child === child) this.unexpectedEnds.push(`exit ${String(code)} ${String(signal)}`);
    });
    const lines = createInterface({ input: child.stdout });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the agent ended with ${String(code)} before it was ready`);
    });
    const [line] = await Promise.race([once(lines, 'line'), ended]);
    ended.catch(() => undefined);
    this.#url = ReadySchema.parse(JSON.parse(String(line))).url;
    if (this.#hasStarted) this.restartedAfterMs.push(performance.now() - startedAt);
    this.#hasStarted = true;
  }

  /** No chance to flush or to say goodbye. */
  async kill9(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As Kubernetes does it. @returns the exit code */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  /** From now on, and over restarts, it believes that it is so much later. */
  setClock(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
    this.#child?.stdin?.write(`${offsetMs}\n`);
  }

  async health(): Promise<AgentHealth> {
    return AgentStatusSchema.parse(await this.#get('/v1/agent')).health;
  }

  /** Events that it counts between two times, by service. */
  async countsByService(fromMs: number, toMs: number): Promise<Map<string, number>> {
    const query = new URLSearchParams({ from: String(fromMs), to: String(toMs), step: '1d' });
    const { sources } = HeartbeatAnswerSchema.parse(await this.#get(`/v1/heartbeats?${query.toString()}`));
    return new Map(sources.map(({ service, columns }) => [service, sumOf(columns[1])]));
  }

  /** Events that its templates were counted for, by service. */
  async templateCountsByService(): Promise<Map<string, number>> {
    const { templates } = TemplateListSchema.parse(await this.#get('/v1/templates?limit=1000'));
    const counts = new Map<string, number>();
    for (const { service, count } of templates.flatMap(({ services }) => services)) {
      counts.set(service, (counts.get(service) ?? 0) + count);
    }
    return counts;
  }

  async anomalousServices(): Promise<readonly string[]> {
    return AnomalyListSchema.parse(await this.#get('/v1/anomalies')).anomalies.map(({ service }) => service);
  }

  /** One batch by the shortest way. @returns the status */
  async send(body: string): Promise<number> {
    const response = await fetch(`${this.#url}/v1/ingest`, {
      method: 'POST',
      headers: { 'x-sentinel-key': this.credentials.ingestKey, 'content-type': 'application/x-ndjson' },
      body,
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Linux only; elsewhere memory stays unknown. */
  lookAtMemory(): void {
    const pid = this.#child?.pid;
    if (process.platform !== 'linux' || pid === undefined) return;
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kilobytes = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
      this.peakMemoryMb = Math.max(this.peakMemoryMb, Math.round(kilobytes / 1024));
    } catch (error) {
      // Between two processes there is nothing to look at.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  async #get(path: string): Promise<unknown> {
    for (const until = performance.now() + PATIENCE_MS; ; await sleep(RETRY_MS)) {
      const response = await fetch(this.#url + path, {
        headers: { authorization: `Bearer ${this.credentials.adminToken}` },
        signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      });
      if (response.ok) return response.json();
      const text = await response.text();
      // What the agent itself says will pass may take as long as a drain does.
      if (response.status !== 503 || performance.now() > until)
        throw new Error(`GET ${path}: ${response.status} ${text}`);
    }
  }
}

function sumOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((a, b) => a + (b ?? 0), 0);
}
