import type { Runbook, RunbookBody } from '@sentinellog/shared';
import type { ChangeActor } from '../pipeline/rule-change.ts';
import { type MatchedRunbook, matchRunbooks, type RunbookQuestion, type RunbookSearch } from './match-runbooks.ts';
import { parseRunbook } from './parse-runbook.ts';

/** Where runbooks lie; everything rejects with RequestError `storage_unavailable` when the database is away. */
export interface RunbookStore extends RunbookSearch {
  one(runbookId: string): Promise<Runbook | null>;
  create(runbookId: string, body: RunbookBody, by: ChangeActor): Promise<Runbook>;
  replace(runbookId: string, body: RunbookBody, version: number, by: ChangeActor): Promise<Runbook | null>;
  remove(runbookId: string, version: number, by: ChangeActor): Promise<boolean>;
  addShipped(
    shipped: readonly { readonly name: string; readonly body: RunbookBody }[],
    newId: () => string,
    by: ChangeActor,
  ): Promise<void>;
}

export interface RunbookShelfDeps {
  readonly store: RunbookStore;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What earlier incidents taught: kept, searched, and offered to whoever has the next one. */
export class RunbookShelf {
  readonly #deps: RunbookShelfDeps;

  constructor(deps: RunbookShelfDeps) {
    this.#deps = deps;
  }

  addShipped(shipped: readonly { readonly name: string; readonly body: RunbookBody }[]): Promise<void> {
    return this.#deps.store.addShipped(shipped, this.#deps.newId, this.#by('sentinellog'));
  }

  /** At most three, best first; none when the database is away: advice is an extra. */
  async match(question: RunbookQuestion): Promise<MatchedRunbook[]> {
    return matchRunbooks(this.#deps.store, question).catch(() => []);
  }

  async search(query: {
    readonly text?: string | undefined;
    readonly service?: string | undefined;
    readonly limit: number;
  }): Promise<Runbook[]> {
    const words = [query.text, query.service].filter((part) => part !== undefined).join(' ');
    return (await this.#deps.store.search(words, query.limit)).map(({ runbook }) => runbook);
  }

  one(runbookId: string): Promise<Runbook | null> {
    return this.#deps.store.one(runbookId);
  }

  create(body: RunbookBody, actor: { readonly name: string }): Promise<Runbook> {
    return this.#deps.store.create(this.#deps.newId(), body, this.#by(actor.name));
  }

  replace(
    runbookId: string,
    body: RunbookBody,
    version: number,
    actor: { readonly name: string },
  ): Promise<Runbook | null> {
    return this.#deps.store.replace(runbookId, body, version, this.#by(actor.name));
  }

  remove(runbookId: string, version: number, actor: { readonly name: string }): Promise<boolean> {
    return this.#deps.store.remove(runbookId, version, this.#by(actor.name));
  }

  parse(markdown: string): RunbookBody {
    return parseRunbook(markdown);
  }

  #by(actor: string): ChangeActor {
    return { actor, atMs: this.#deps.now() };
  }
}
