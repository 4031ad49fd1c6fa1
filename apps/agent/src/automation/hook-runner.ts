import { createHmac } from 'node:crypto';
import { type Hook, type HookPreview, type HookRun, type Incident, RequestError } from '@sentinellog/shared';
import { matchesGlob } from '../pipeline/glob.ts';
import { filledTemplate } from './hook-template.ts';

/** Sends to an address that a person configured; refuses private ones. Rejects with the reason in words. */
export type HookFetch = (
  url: string,
  request: {
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<{ readonly status: number; readonly text: string }>;

export interface HookRunStore {
  one(hookId: string): Promise<Hook | null>;
  secretOf(hookId: string): Promise<string | null>;
  /**
   * Starts a run unless the key was used before or the hook has run within its cooldown; decided in one transaction.
   * `isNew` is false for the run that the key belongs to.
   */
  begin(
    run: HookRun,
    idempotencyKey: string,
    cooldownMs: number,
  ): Promise<{ readonly run: HookRun; readonly isNew: boolean }>;
  finish(run: HookRun): Promise<void>;
}

export interface HookRunnerDeps {
  readonly store: HookRunStore;
  readonly incident: (incidentId: string) => Promise<Incident | null>;
  readonly fetch: HookFetch;
  /** Tells the incident's timeline: that it runs, and how it ended. */
  readonly onRun: (run: HookRun) => void;
  /** How it ended could not be stored: the list of runs shows it as running. */
  readonly onNotKept: (run: HookRun, error: unknown) => void;
  readonly now: () => number;
  readonly newId: () => string;
  /** Short code of this agent's cluster. */
  readonly cluster: string;
}

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_CHARS = 4000;

/** Runs hooks on a person's word: previewed, signed, once a key, never twice within the cooldown, written down. */
export class HookRunner {
  readonly #deps: HookRunnerDeps;

  constructor(deps: HookRunnerDeps) {
    this.#deps = deps;
  }

  /** What would be sent, and whether it may be. RequestError `not_found` for a hook or an incident that is not there. */
  async preview(incidentId: string, hookId: string): Promise<HookPreview> {
    const { hook, incident } = await this.#both(incidentId, hookId);
    const { now, cluster } = this.#deps;
    const sinceMs = hook.last_run === null ? Number.POSITIVE_INFINITY : now() - hook.last_run.at_ms;
    const leftSeconds = Math.max(0, Math.ceil(hook.cooldown_seconds - sinceMs / 1000));
    return {
      method: 'POST',
      url: hook.url,
      body: filledTemplate(hook.body, incident, cluster),
      effect: hook.effect,
      needs_code: hook.protected ? cluster : null,
      cooldown_left_seconds: leftSeconds,
      refused_because:
        refusalOf(hook, incident) ?? (leftSeconds > 0 ? `it ran ${Math.floor(sinceMs / 1000)} s ago` : null),
      last_run: hook.last_run,
    };
  }

  /**
   * Sends once and reports every state of the run, the last one being `succeeded` or `failed`. The same key again reports
   * the run that it started. RequestErrors: `not_found`, `conflict` within the cooldown, `invalid_request` otherwise.
   */
  async *run(
    incidentId: string,
    hookId: string,
    how: { readonly by: string; readonly idempotencyKey: string; readonly confirm: string | undefined },
  ): AsyncGenerator<HookRun> {
    const { store, now, newId, cluster, onRun } = this.#deps;
    const { hook, incident } = await this.#both(incidentId, hookId);
    const refusal = refusalOf(hook, incident);
    if (refusal !== null) throw new RequestError('invalid_request', refusal);
    if (hook.protected && how.confirm !== cluster)
      throw new RequestError(
        'invalid_request',
        `the hook is protected: confirm must be this cluster's code, ${cluster}`,
      );
    const wanted: HookRun = {
      run_id: newId(),
      hook_id: hook.hook_id,
      hook_name: hook.name,
      incident_id: incidentId,
      at_ms: now(),
      by: how.by,
      state: 'running',
      status_code: null,
      answer: '',
      took_ms: null,
    };
    const { run, isNew } = await store.begin(wanted, how.idempotencyKey, hook.cooldown_seconds * 1000);
    if (!isNew) {
      yield run;
      return;
    }
    onRun(run);
    // Begun before anybody is told: whoever asked may hang up, and it is sent all the same.
    const ending = this.#carryOut(run, hook, incident);
    yield run;
    yield await ending;
  }

  /** Never rejects: there may be nobody left who waits for it. */
  async #carryOut(run: HookRun, hook: Hook, incident: Incident): Promise<HookRun> {
    const { store, now, onRun, onNotKept } = this.#deps;
    const outcome = await this.#send(run, hook, incident).catch((error: unknown) => failedBy(error));
    const ended: HookRun = { ...run, ...outcome, took_ms: now() - run.at_ms };
    onRun(ended);
    await store.finish(ended).catch((error: unknown) => onNotKept(ended, error));
    return ended;
  }

  async #send(run: HookRun, hook: Hook, incident: Incident): Promise<Outcome> {
    const { store, now, cluster, fetch } = this.#deps;
    return send(fetch, hook.url, {
      body: filledTemplate(hook.body, incident, cluster),
      runId: run.run_id,
      timestamp: String(Math.floor(now() / 1000)),
      secret: await store.secretOf(hook.hook_id),
    });
  }

  async #both(incidentId: string, hookId: string): Promise<{ hook: Hook; incident: Incident }> {
    const [hook, incident] = await Promise.all([this.#deps.store.one(hookId), this.#deps.incident(incidentId)]);
    if (hook === null) throw new RequestError('not_found', 'there is no hook with this id');
    if (incident === null) throw new RequestError('not_found', 'there is no incident with this id');
    return { hook, incident };
  }
}

function refusalOf(hook: Hook, incident: Incident): string | null {
  if (!hook.enabled) return `the hook "${hook.name}" is switched off`;
  const covers =
    hook.services.length === 0 ||
    incident.services.some((name) => hook.services.some((glob) => matchesGlob(glob, name)));
  return covers ? null : `the hook "${hook.name}" is not for ${incident.services.join(', ')}`;
}

type Outcome = Pick<HookRun, 'state' | 'status_code' | 'answer'>;

interface Call {
  readonly body: string;
  readonly runId: string;
  /** Unix seconds. */
  readonly timestamp: string;
  readonly secret: string | null;
}

async function send(fetch: HookFetch, url: string, { body, runId, timestamp, secret }: Call): Promise<Outcome> {
  const signature =
    secret === null
      ? {}
      : {
          'x-sentinel-signature': `v1=${createHmac('sha256', secret).update(`v1:${timestamp}:${body}`).digest('hex')}`,
        };
  const { status, text } = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-sentinel-timestamp': timestamp,
      'idempotency-key': runId,
      ...signature,
    },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const succeeded = status >= 200 && status < 300;
  return { state: succeeded ? 'succeeded' : 'failed', status_code: status, answer: text.slice(0, MAX_ANSWER_CHARS) };
}

function failedBy(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return { state: 'failed', status_code: null, answer: reason.slice(0, MAX_ANSWER_CHARS) };
}
