import type { Hook, HookBody, HookPreview, HookRun } from '@sentinellog/shared';
import type { ChangeActor } from '../pipeline/rule-change.ts';
import type { HookRunner, HookRunStore } from './hook-runner.ts';
import { checkTemplate } from './hook-template.ts';

/** Where hooks lie. Rejects with RequestError `storage_unavailable` when the database is away. */
export interface HookStore extends HookRunStore {
  list(): Promise<readonly Hook[]>;
  create(hookId: string, body: HookBody, by: ChangeActor): Promise<Hook>;
  replace(hookId: string, body: HookBody, version: number, by: ChangeActor): Promise<Hook | null>;
  remove(hookId: string, version: number, by: ChangeActor): Promise<boolean>;
  runs(hookId: string, limit: number): Promise<readonly HookRun[]>;
}

export interface HookDeskDeps {
  readonly store: HookStore;
  readonly runner: Pick<HookRunner, 'preview' | 'run'>;
  readonly now: () => number;
  readonly newId: () => string;
}

/** Automation hooks as people edit and run them. */
export class HookDesk {
  readonly #deps: HookDeskDeps;

  constructor(deps: HookDeskDeps) {
    this.#deps = deps;
  }

  list(): Promise<readonly Hook[]> {
    return this.#deps.store.list();
  }

  one(hookId: string): Promise<Hook | null> {
    return this.#deps.store.one(hookId);
  }

  /** RequestError `invalid_request` for a body that is not JSON or names what there is not. */
  async create(body: HookBody, actor: { readonly name: string }): Promise<Hook> {
    checkTemplate(body.body);
    return this.#deps.store.create(this.#deps.newId(), body, this.#by(actor));
  }

  async replace(
    hookId: string,
    body: HookBody,
    version: number,
    actor: { readonly name: string },
  ): Promise<Hook | null> {
    checkTemplate(body.body);
    return this.#deps.store.replace(hookId, body, version, this.#by(actor));
  }

  remove(hookId: string, version: number, actor: { readonly name: string }): Promise<boolean> {
    return this.#deps.store.remove(hookId, version, this.#by(actor));
  }

  runs(hookId: string, limit: number): Promise<readonly HookRun[]> {
    return this.#deps.store.runs(hookId, limit);
  }

  preview(incidentId: string, hookId: string): Promise<HookPreview> {
    return this.#deps.runner.preview(incidentId, hookId);
  }

  run(...how: Parameters<HookRunner['run']>): AsyncGenerator<HookRun> {
    return this.#deps.runner.run(...how);
  }

  #by({ name }: { readonly name: string }): ChangeActor {
    return { actor: name, atMs: this.#deps.now() };
  }
}
