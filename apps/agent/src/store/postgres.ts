import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from '@sentinellog/shared';
import { Client, type ClientConfig, Pool, type PoolClient, TypeOverrides, types as standardTypes } from 'pg';
import { CommitInDoubt, PoisonValue, StoreRefused, StoreUnavailable } from './store-errors.ts';
import { meansDown, type Remedy, remedyOf } from './sqlstate.ts';
import type { StoreLog } from './store-log.ts';

/** reliability.md F8: without them, `pg` waits for ever on a server that is frozen. */
export interface DatabaseLimits {
  readonly connectMs: number;
  readonly queryMs: number;
  readonly idleInTransactionMs: number;
}
export const DATABASE_LIMITS: DatabaseLimits = { connectMs: 3000, queryMs: 10_000, idleInTransactionMs: 30_000 };

/** One writer of checkpoints, a few readers of the API; F11 allows 20. */
const MAX_CONNECTIONS = 8;
/** The server ends a slow statement itself and says so; only a server that says nothing meets the client's limit. */
const STATEMENT_SHARE = 0.9;
const CLOSE_LIMIT_MS = 2000;
const PROBE_MIN_MS = 200;
const PROBE_MAX_MS = 5000;

/** Asked before every connection: the embedded server may come back on another port. */
export type ConnectionSettings = () => ClientConfig;
export type DatabaseState = 'up' | 'down';
export type Row = Readonly<Record<string, unknown>>;

/** Runs statements on one connection, inside one transaction. */
export interface Transaction {
  query<R extends Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * The pool with its limits and its state. A call while the state is `down` fails at once with StoreUnavailable; a probe
 * finds out when the server is back. Errors leave as StoreUnavailable, PoisonValue or StoreRefused, never as `pg`'s own.
 */
export class Database {
  readonly #pool: Pool;
  readonly #log: StoreLog;
  readonly #listeners = new Set<(state: DatabaseState) => void>();
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  #state: DatabaseState = 'down';
  #probing: Promise<void> | undefined;

  constructor(settings: ConnectionSettings, log: StoreLog, limits: DatabaseLimits = DATABASE_LIMITS) {
    this.#log = log;
    this.#pool = new Pool({
      Client: clientClass(() => ({ ...settings(), stream: () => this.#newSocket() }), limits),
      max: MAX_CONNECTIONS,
      connectionTimeoutMillis: limits.connectMs,
      idleTimeoutMillis: 60_000,
    });
    // An idle connection that breaks is the first news of a server that is gone.
    this.#pool.on('error', (error) => this.#notice(error));
    // The pool listens only while a connection is idle; one that breaks in use would otherwise end the process.
    this.#pool.on('connect', (client) => client.on('error', (error) => this.#notice(error)));
  }

  get state(): DatabaseState {
    return this.#state;
  }

  /** Called on every change; returns what ends it. */
  onState(listener: (state: DatabaseState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the server has answered once; rejects with StoreRefused when waiting cannot help. */
  async connect(): Promise<void> {
    await (this.#probing ?? this.#probe());
  }

  async query<R extends Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    this.#requireUp();
    try {
      return (await this.#pool.query<R>(text, [...values])).rows;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /**
   * All of `work` or nothing of it. Rejects with CommitInDoubt when the connection broke after COMMIT was sent; with
   * every other error nothing was done.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    this.#requireUp();
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw this.#translate(error);
    });
    let committing = false;
    try {
      await client.query('BEGIN');
      const result = await work(inside(client));
      committing = true;
      const { command } = await client.query('COMMIT');
      // PostgreSQL answers COMMIT with ROLLBACK where a statement had failed and its error was swallowed.
      if (command !== 'COMMIT') throw new StoreRefused('a statement of the transaction had failed; nothing was done');
      client.release();
      return result;
    } catch (error) {
      const broken = meansDown(error);
      const doubtful = committing && broken;
      await this.#giveBack(client, broken);
      const translated = this.#translate(error);
      throw doubtful ? new CommitInDoubt({ cause: error }) : translated;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#probing?.catch(() => undefined);
    // A frozen server never says goodbye.
    await Promise.race([this.#pool.end(), sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
    this.#dropConnections();
  }

  async #giveBack(client: PoolClient, broken: boolean): Promise<void> {
    if (broken) return client.release(true);
    try {
      await client.query('ROLLBACK');
      client.release();
    } catch (error) {
      client.release(true);
      this.#notice(error);
    }
  }

  #requireUp(): void {
    if (this.#state === 'down')
      throw new StoreUnavailable('the database cannot be reached; its return is being watched for');
  }

  /** From `pg`'s error to one of ours, which says whether trying again can help. */
  #translate(error: unknown): Error {
    // Whatever `work` itself refuses leaves as it is: a conflict is no fault of the database.
    if (error instanceof RequestError || error instanceof StoreRefused || error instanceof PoisonValue) return error;
    this.#notice(error);
    return FAILURES[remedyOf(error)](wordsOf(error), { cause: error });
  }

  #notice(error: unknown): void {
    if (!meansDown(error) || this.#closing.signal.aborted) return;
    this.#setState('down', error);
    void this.#watchForReturn();
  }

  /** A refusal may be cured on the other side (a password, a missing database), so that it does not end the watch. */
  async #watchForReturn(): Promise<void> {
    while (this.#state === 'down' && !this.#closing.signal.aborted) {
      try {
        await this.connect();
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#log.error({ err: error }, 'the database refuses the agent; trying again');
        await sleep(PROBE_MAX_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      }
    }
  }

  #setState(state: DatabaseState, error?: unknown): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'up') this.#log.info({}, 'the database is up');
    else {
      this.#log.warn({ err: error }, 'the database is down');
      this.#dropConnections();
    }
    for (const listener of this.#listeners) listener(state);
  }

  /** None of them is worth another wait: calls under way fail now, and the probe opens a fresh one. */
  #dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #newSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #probe(): Promise<void> {
    this.#probing ??= this.#probeUntilUp().finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }

  async #probeUntilUp(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = PROBE_MIN_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, PROBE_MAX_MS)) {
      try {
        await this.#pool.query('SELECT 1');
        this.#setState('up');
        return;
      } catch (error) {
        if (remedyOf(error) === 'config') throw FAILURES.config(wordsOf(error), { cause: error });
        this.#log.debug({ err: error, pauseMs }, 'the database does not answer yet');
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    throw new StoreUnavailable('the store was closed before the database answered');
  }
}

const FAILURES: Readonly<Record<Remedy, (words: string, options: ErrorOptions) => Error>> = {
  retry: (words, options) => new StoreUnavailable(`the database did not answer: ${words}`, options),
  poison: (words, options) => new PoisonValue(`the database cannot store a value: ${words}`, options),
  config: (words, options) => new StoreRefused(`the database refused: ${words}`, options),
};

function wordsOf(error: unknown): string {
  const single = error instanceof AggregateError ? error.errors[0] : error;
  return single instanceof Error ? single.message : String(single);
}

function inside(client: PoolClient): Transaction {
  return {
    query: async <R extends Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query<R>(text, [...values])).rows,
  };
}

/** 64-bit integers as numbers: milliseconds, positions and counts stay below 2^53. */
const types = new TypeOverrides();
types.setTypeParser(standardTypes.builtins.INT8, Number);

function clientClass(settings: ConnectionSettings, limits: DatabaseLimits): new () => Client {
  return class AgentClient extends Client {
    constructor() {
      super({
        ...settings(),
        types,
        application_name: 'sentinellog',
        keepAlive: true,
        connectionTimeoutMillis: limits.connectMs,
        query_timeout: limits.queryMs,
        statement_timeout: Math.floor(limits.queryMs * STATEMENT_SHARE),
        idle_in_transaction_session_timeout: limits.idleInTransactionMs,
      });
    }
  };
}
