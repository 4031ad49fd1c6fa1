import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../../src/simulate/random.ts';
import type { Ledger } from './ledger.ts';
import { type ChaosBatch, chaosBatch } from './payload.ts';

/** Longer than a sender of today waits (OTel: 10 s), so that the agent, not our patience, decides what is answered. */
const REQUEST_LIMIT_MS = 20_000;
const RETRY_MS = 50;
/** Of batches without an answer, this share is never sent again: their sender crashed, too. */
const GIVE_UP_SHARE = 0.05;
/** The answers that a sender may get for a good batch; anything else is a finding. */
const ALLOWED = new Set([200, 202, 429, 503]);

export interface LoadOptions {
  readonly seed: number;
  readonly baseMs: number;
  readonly url: string;
  readonly key: string;
  readonly ledger: Ledger;
  readonly chance: Chance;
  readonly senders: number;
  readonly eventsPerBatch: number;
  /** Between two batches of a sender; 0 for as many as the agent takes. */
  readonly pauseMs: number;
}

/** Senders as they should be: each repeats a batch, with its id, until it is acknowledged. */
export class Load {
  readonly #options: LoadOptions;
  readonly #agent = new http.Agent({ keepAlive: true });
  #running: Promise<void>[] = [];
  #isStopping = false;
  #next = 0;
  /** Answers by status; 0 where the connection broke or nothing came in time. */
  readonly answers = new Map<number, number>();
  /** What nobody should ever answer to a good batch, a few in words. */
  readonly unexpected: string[] = [];
  acknowledgedEvents = 0;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopping = false;
    this.#add(this.#options.senders);
  }

  /** More senders, until the load stops or for so long. */
  async burst(senders: number, durationMs: number): Promise<void> {
    const until = performance.now() + durationMs;
    await Promise.all(Array.from({ length: senders }, () => this.#send(() => performance.now() > until)));
  }

  /** Every batch under way is brought to its end first. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#running);
    this.#running = [];
    this.#agent.destroy();
  }

  #add(count: number): void {
    for (let i = 0; i < count; i++) this.#running.push(this.#send(() => this.#isStopping));
  }

  async #send(isOver: () => boolean): Promise<void> {
    const { seed, baseMs, eventsPerBatch, ledger, chance, pauseMs } = this.#options;
    while (!isOver()) {
      const number = this.#next++;
      const batch = chaosBatch(seed, number, baseMs, eventsPerBatch);
      ledger.send(number);
      for (;;) {
        const status = await this.#post(batch);
        this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
        if (status === 200 || status === 202) {
          ledger.acknowledge(number, batch);
          this.acknowledgedEvents += batch.events;
          break;
        }
        if (status === 0 && chance.next() < GIVE_UP_SHARE) {
          ledger.giveUp(number);
          break;
        }
        await sleep(RETRY_MS);
      }
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }

  #post({ id, path, contentType, body }: ChaosBatch): Promise<number> {
    const { url, key } = this.#options;
    const headers = {
      'x-sentinel-key': key,
      'x-sentinel-batch-id': id,
      'content-type': contentType,
      'content-length': body.length,
    };
    return new Promise((resolve) => {
      const options = { method: 'POST', headers, agent: this.#agent, timeout: REQUEST_LIMIT_MS };
      const request = http.request(url + path, options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text = (text + chunk.toString()).slice(0, 500);
        });
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (!ALLOWED.has(status) && this.unexpected.length < 5) this.unexpected.push(`${status} to ${id}: ${text}`);
          resolve(status);
        });
        response.on('error', () => resolve(0));
      });
      request.on('error', () => resolve(0));
      request.on('timeout', () => request.destroy());
      request.end(body);
    });
  }
}
