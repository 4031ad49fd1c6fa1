import { Worker } from 'node:worker_threads';
import type { Log } from '../../telemetry/log.ts';
import { pauseAfter } from '../back-off.ts';
import { SlackSocketMessageSchema, type SlackSocketSettings } from './slack-socket-messages.ts';

/** F25: the library's own pauses grow without end. */
const LONGEST_PAUSE_MS = 30_000;
/** From the start of the thread to Slack's hello. */
const UP_WITHIN_MS = 20_000;
/** Up for so long, the next loss is a new story. */
const STABLE_MS = 10_000;
/** A leak ends the thread, not the agent. */
const THREAD_MEMORY_MB = 128;

export interface SlackSocketParts {
  readonly settings: SlackSocketSettings;
  readonly onClick: (payload: unknown) => void;
  readonly log: Log;
  /** Milliseconds of a monotonic clock. */
  readonly monotonic: () => number;
  /** From 0 to 1. */
  readonly chance: () => number;
}

/** Keeps one Socket Mode connection up: a thread is started, watched, ended, and started again after a pause. */
export class SlackSocket {
  readonly #parts: SlackSocketParts;
  #thread: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #upSinceMs: number | null = null;
  #isStopped = false;

  constructor(parts: SlackSocketParts) {
    this.#parts = parts;
  }

  get isUp(): boolean {
    return this.#upSinceMs !== null;
  }

  start(): void {
    if (this.#isStopped) return;
    const thread = new Worker(new URL('./slack-socket-thread.ts', import.meta.url), {
      workerData: this.#parts.settings,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB },
    });
    this.#thread = thread;
    thread.on('message', (message: unknown) => this.#heard(thread, message));
    thread.on('error', (error) => this.#down(thread, error.name));
    thread.on('exit', (code) => this.#down(thread, `the thread ended with ${code}`));
    this.#timer = setTimeout(() => this.#down(thread, 'no hello from Slack'), UP_WITHIN_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const thread = this.#thread;
    this.#thread = null;
    this.#upSinceMs = null;
    await thread?.terminate();
  }

  #heard(thread: Worker, message: unknown): void {
    if (thread !== this.#thread) return;
    const heard = SlackSocketMessageSchema.parse(message);
    switch (heard.type) {
      case 'up':
        clearTimeout(this.#timer);
        this.#upSinceMs = this.#parts.monotonic();
        this.#parts.log.info({ event: 'notify.slack_socket_up' }, 'Slack clicks arrive');
        return;
      case 'click':
        this.#parts.onClick(heard.payload);
        return;
      case 'down':
        this.#down(thread, heard.detail);
    }
  }

  #down(thread: Worker, detail: string): void {
    // Only the first of several bad news of one thread counts.
    if (thread !== this.#thread) return;
    this.#thread = null;
    clearTimeout(this.#timer);
    void thread.terminate();
    const wasStable = this.#upSinceMs !== null && this.#parts.monotonic() - this.#upSinceMs >= STABLE_MS;
    this.#upSinceMs = null;
    this.#failures = wasStable ? 1 : this.#failures + 1;
    const pauseMs = Math.min(pauseAfter(this.#failures, this.#parts.chance()), LONGEST_PAUSE_MS);
    this.#parts.log.info({ event: 'notify.slack_socket_down', detail, pauseMs }, 'connecting to Slack again');
    this.#timer = setTimeout(() => this.start(), pauseMs);
  }
}
