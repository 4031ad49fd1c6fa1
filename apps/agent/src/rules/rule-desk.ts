import { type Rule, type RuleBody, RequestError } from '@sentinellog/shared';
import type { ChangeActor, RuleChange } from '../pipeline/rule-change.ts';
import type { DryRun } from './dry-run.ts';
import { bodyOfRule, parseRuleDocument, printRuleDocument } from './rule-document.ts';

/** Where rules lie. Rejects with RequestError `storage_unavailable` when the database is away. */
export interface RuleStore {
  list(): Promise<readonly Rule[]>;
  /** `shipped_as` of every rule that ever came with an agent, those included that a person has removed. */
  everShipped(): Promise<readonly string[]>;
  /**
   * All changes in one transaction with their audit entries, or none. Names stay unique. RequestError `conflict` where a
   * version is not the stored one, `not_found` where there is no such rule, `invalid_request` where a name is taken.
   */
  apply(changes: readonly RuleChange[], by: ChangeActor): Promise<readonly Rule[]>;
}

export interface RuleDeskDeps {
  readonly store: RuleStore;
  /** Whoever judges events by the rules, told the whole set after every change. */
  readonly onRules: (rules: readonly Rule[]) => void;
  readonly dryRun: (rule: RuleBody, fromMs: number, toMs: number) => Promise<DryRun>;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What an import would do, or did. */
export interface RuleImport {
  readonly add: readonly string[];
  readonly change: readonly string[];
  readonly same: readonly string[];
}

interface Named {
  readonly name: string;
}

/** The rules and policies of people: read from memory, written through the store. */
export class RuleDesk {
  readonly #deps: RuleDeskDeps;
  #rules: readonly Rule[] = [];

  constructor(deps: RuleDeskDeps) {
    this.#deps = deps;
  }

  /** Reads what is stored; adds the ready-made ones that were never there, switched on or off. */
  async open(readyMade: readonly RuleBody[], enabled: boolean): Promise<void> {
    const { store } = this.#deps;
    const [stored, shipped] = [await store.list(), await store.everShipped()];
    const known = new Set([...shipped, ...stored.map(({ name }) => slugOf(name))]);
    const missing = readyMade.filter(({ name }) => !known.has(slugOf(name)));
    await this.#apply(
      missing.map((body) => ({
        type: 'create',
        ruleId: this.#deps.newId(),
        shippedAs: slugOf(body.name),
        body: { ...body, enabled },
      })),
      { name: 'sentinellog' },
    );
  }

  list(): readonly Rule[] {
    return this.#rules;
  }

  one(ruleId: string): Rule | null {
    return this.#rules.find(({ rule_id }) => rule_id === ruleId) ?? null;
  }

  async create(body: RuleBody, actor: Named): Promise<Rule> {
    const ruleId = this.#deps.newId();
    await this.#apply([{ type: 'create', ruleId, shippedAs: null, body }], actor);
    return this.#required(ruleId);
  }

  async replace(ruleId: string, body: RuleBody, version: number, actor: Named): Promise<Rule> {
    await this.#apply([{ type: 'replace', ruleId, version, body }], actor);
    return this.#required(ruleId);
  }

  async remove(ruleId: string, version: number, actor: Named): Promise<void> {
    await this.#apply([{ type: 'remove', ruleId, version }], actor);
  }

  /** All or nothing; rules are matched by name, and a name that the document does not have stays as it is. */
  async import(document: string, mode: 'preview' | 'apply', actor: Named): Promise<RuleImport> {
    const bodies = parseRuleDocument(document);
    const changes = bodies.map((body) => this.#changeFor(body));
    if (mode === 'apply')
      await this.#apply(
        changes.filter((change) => change !== null),
        actor,
      );
    const names = (wanted: RuleChange['type'] | undefined) =>
      bodies.filter((_, index) => changes[index]?.type === wanted).map(({ name }) => name);
    return { add: names('create'), change: names('replace'), same: names(undefined) };
  }

  export(format: 'json' | 'yaml', ruleIds?: readonly string[]): string {
    const chosen = this.#rules.filter(({ rule_id }) => ruleIds === undefined || ruleIds.includes(rule_id));
    return printRuleDocument(chosen.map(bodyOfRule), format);
  }

  dryRun(rule: RuleBody, fromMs: number, toMs: number): Promise<DryRun> {
    if (toMs <= fromMs) throw new RequestError('invalid_request', '`to` must be after `from`');
    return this.#deps.dryRun(rule, fromMs, toMs);
  }

  #changeFor(body: RuleBody): RuleChange | null {
    const present = this.#rules.find(({ name }) => name === body.name);
    if (present === undefined) return { type: 'create', ruleId: this.#deps.newId(), shippedAs: null, body };
    if (JSON.stringify(sorted(bodyOfRule(present))) === JSON.stringify(sorted(body))) return null;
    return { type: 'replace', ruleId: present.rule_id, version: present.version, body };
  }

  async #apply(changes: readonly RuleChange[], { name }: Named): Promise<void> {
    this.#rules =
      changes.length === 0
        ? await this.#deps.store.list()
        : await this.#deps.store.apply(changes, { actor: name, atMs: this.#deps.now() });
    this.#deps.onRules(this.#rules);
  }

  #required(ruleId: string): Rule {
    const rule = this.one(ruleId);
    if (rule === null) throw new RequestError('not_found', 'the rule was removed by somebody else in the meantime');
    return rule;
  }
}

function slugOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** Keys in one order at every depth, so that two equal bodies print alike. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
