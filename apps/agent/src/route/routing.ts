import {
  type Alert,
  type BudgetStanding,
  type ChannelSummary,
  type ConfigImportAnswer,
  type Incident,
  type MaintenanceWindow,
  type Occurrence,
  RequestError,
  ROLE_SCOPES,
  type RoutingConfig,
  type RoutingExplanation,
  type RoutingNotice,
  type RuleAction,
  type Severity,
  type Silence,
  type SilenceCreate,
  type SilenceScope,
} from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';
import type { Delivery, Transition } from '../pipeline/delivery.ts';
import { type AlertFacts, alertsAlone, type RuleFacts, type SourceFacts } from './alert-facts.ts';
import { DEFAULT_POLICY } from './default-policy.ts';
import { IncidentLedger } from './incident-ledger.ts';
import { occurrences } from './occurrences.ts';
import { PageLedger } from './page-ledger.ts';
import { Router } from './router.ts';
import { type Author, authorOf, type DocumentStore, RoutingDocuments } from './routing-documents.ts';
import { type RoundsParts, RoutingRounds, silenceNotice } from './routing-rounds.ts';
import { type RestoredRouting, type RoutingMemoryStore, RoutingState } from './routing-state.ts';
import { fits, type Scoped, SilenceBook, type SilenceVerdict, type StoredSilence } from './silence-book.ts';
import { WindowWatch } from './window-watch.ts';

const DAY_MS = 86_400_000;
const SHOWN_OCCURRENCES = 3;

export interface RoutingStore extends DocumentStore, RoutingMemoryStore {
  readMemory(nowMs: number): Promise<RestoredRouting>;
  saveSilence(
    silence: StoredSilence,
    entry: { readonly actor: string; readonly atMs: number; readonly action: string },
  ): Promise<void>;
  /** Newest first. */
  notices(limit: number): Promise<readonly RoutingNotice[]>;
}

/** What routing asks the desk of incidents. */
export interface IncidentReader {
  /** Not resolved, as they are now, from memory. */
  unresolved(): readonly Incident[];
  one(incidentId: string): Promise<Incident | null>;
  /** Everything that was open at any time since then, newest first. */
  alertsSince(sinceMs: number): Promise<readonly (Scoped & Pick<Alert, 'state'>)[]>;
}

export interface RoutingParts {
  readonly store: RoutingStore;
  /** Channels as they are set up now. */
  readonly channels: () => readonly ChannelSummary[];
  readonly sources: SourceFacts;
  readonly rules: RuleFacts;
  readonly alertFacts?: AlertFacts;
  readonly incidents: IncidentReader;
  readonly commit: RoundsParts['commit'];
  readonly onNotice: (notice: RoutingNotice) => void;
  readonly onFailed: RoundsParts['onFailed'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A new UUID. */
  readonly newId: () => string;
}

/** An incident as it might be, for the question who would hear of it. */
interface Example {
  readonly services: readonly string[];
  readonly severity: Severity;
  readonly tenant: string;
  readonly tags: readonly string[];
  /** Of rules; with any, nothing but rules has noticed it. */
  readonly actions: readonly RuleAction[];
}

/** Reads documents and memory from the store. Rejects as the store does. */
export async function openRouting(parts: RoutingParts): Promise<Routing> {
  const routing = new Routing(parts);
  await routing.documents.refresh();
  routing.restore(await parts.store.readMemory(parts.now()));
  return routing;
}

/** Who hears of it, when, and who does not. The desk of incidents asks `plan` and `covers`; the API asks the rest. */
export class Routing {
  readonly documents: RoutingDocuments;
  readonly #parts: RoutingParts;
  readonly #facts: AlertFacts;
  readonly #silences: SilenceBook;
  readonly #pages = new PageLedger();
  readonly #ledger = new IncidentLedger();
  readonly #windows: WindowWatch;
  readonly #router: Router;
  readonly #rounds: RoutingRounds;
  readonly #state: RoutingState;

  constructor(parts: RoutingParts) {
    const { store, channels, sources, rules, alertFacts = alertsAlone, incidents, commit, onFailed, now } = parts;
    const notice = (about: Omit<RoutingNotice, 'notice_id'>) => this.#state.notice(about);
    this.#parts = parts;
    this.#facts = alertFacts;
    this.documents = new RoutingDocuments(store, channels, now);
    this.#silences = new SilenceBook((silence) => notice(silenceNotice(silence)), alertFacts);
    this.#windows = new WindowWatch(() => this.documents.documents('window'), sources);
    const shared = {
      book: this.documents,
      silences: this.#silences,
      windows: this.#windows,
      ledger: this.#ledger,
      notice,
    };
    this.#router = new Router({ ...shared, pages: this.#pages, sources, rules });
    this.#rounds = new RoutingRounds({
      ...shared,
      router: this.#router,
      unresolved: () => incidents.unresolved(),
      commit,
      onFailed,
    });
    this.#state = new RoutingState({ ...parts, ...shared, pages: this.#pages, rounds: this.#rounds });
  }

  restore(memory: RestoredRouting): void {
    this.#state.restore(memory);
  }

  /** See Router.plan: call it once for each transition. */
  plan(incident: Incident, transition: Transition, nowMs: number): readonly Delivery[] {
    return this.#router.plan(incident, transition, nowMs);
  }

  /** Whether a silence keeps people from hearing of it. One that it has outgrown ends here. */
  covers(subject: Alert | Incident, nowMs: number): SilenceVerdict {
    const verdict = this.#silences.covers(subject, nowMs);
    if (verdict.type === 'worse') this.#silences.breakOff(verdict, nowMs);
    return verdict;
  }

  /** The template that an alert is about; RequestError where it is about none, or several. */
  templateOf(alert: Alert | undefined): string {
    const ids = alert === undefined ? 'unknown' : this.#facts.templateIds(alert);
    const [id, ...others] = ids === 'unknown' ? [] : ids;
    if (id === undefined || others.length > 0)
      throw new RequestError('invalid_request', 'this alert is not about one template: silence its source or service');
    return id;
  }

  /** Who is behind an account of another service; null: nobody here, or nobody who may act on incidents. */
  nameOf(surface: 'slack' | 'pagerduty', userId: string): Promise<string | null> {
    const field = surface === 'slack' ? 'slack_user' : 'pagerduty_user';
    const person = this.documents.documents('person').find((one) => one[field] === userId);
    const mayAct = person !== undefined && ROLE_SCOPES[person.role].includes('alert.write');
    return Promise.resolve(mayAct ? person.name : null);
  }

  /** The maintenance window that a source stands in, to mark what happens there. */
  windowOver(tenant: string, service: string, sourceId: string, nowMs: number): MaintenanceWindow | undefined {
    return this.#windows.over(tenant, service, sourceId, nowMs);
  }

  /** What is due by the clock, then everything that changed into the store. Call it about once a second, never twice at a time. */
  async round(): Promise<void> {
    await this.#rounds.run(this.#parts.now());
    await this.save();
  }

  save(): Promise<void> {
    return this.#state.save();
  }

  silences(): readonly Silence[] {
    return this.#silences.list(this.#parts.now());
  }

  createSilence(input: SilenceCreate, caller: Caller): Promise<Silence> {
    return this.silenceBy(input, authorOf(caller));
  }

  /** For whoever acts without a token of ours: a button in Slack, the desk of incidents. */
  async silenceBy(input: SilenceCreate, { name, audit }: Author): Promise<Silence> {
    const { store, incidents, newId, now } = this.#parts;
    const open = incidents.unresolved().flatMap(({ alerts }) => alerts.filter(({ state }) => state !== 'RESOLVED'));
    const atMs = now();
    const stored = this.#silences.draft(newId(), input, name, open, atMs);
    await store.saveSilence(stored, { actor: audit, atMs, action: 'silence.create' });
    this.#silences.put(stored);
    return stored.silence;
  }

  /** As it ended, with its bill; null: there is none with this id. Twice is harmless. */
  endSilence(silenceId: string, caller: Caller): Promise<Silence | null> {
    return this.endSilenceBy(silenceId, authorOf(caller));
  }

  async endSilenceBy(silenceId: string, { audit }: Author): Promise<Silence | null> {
    const { store, now } = this.#parts;
    const ended = this.#silences.removed(silenceId, now());
    if (ended === undefined) return this.#silences.one(silenceId) ?? null;
    await store.saveSilence(ended, { actor: audit, atMs: now(), action: 'silence.end' });
    this.#silences.settle(ended);
    return ended.silence;
  }

  /** What a silence of this scope would cover: "matches 3 open, 41 in 24 h". */
  async previewSilence(scope: SilenceScope): Promise<{ open: number; last_24h: number }> {
    const recent = await this.#parts.incidents.alertsSince(this.#parts.now() - DAY_MS);
    const matching = recent.filter((alert) => fits(scope, alert, this.#facts));
    return { open: matching.filter(({ state }) => state !== 'RESOLVED').length, last_24h: matching.length };
  }

  /** When a window is in effect next; the first may be now. */
  upcoming(window: MaintenanceWindow): readonly Occurrence[] {
    return window.enabled ? occurrences(window, this.#parts.now(), SHOWN_OCCURRENCES) : [];
  }

  async explainIncident(incidentId: string, atMs = this.#parts.now()): Promise<RoutingExplanation | null> {
    const incident = await this.#parts.incidents.one(incidentId);
    return incident && this.#router.explain(this.#router.factsOf(incident), atMs, incident);
  }

  explainExample(example: Example, atMs = this.#parts.now()): RoutingExplanation {
    return this.#router.explain(
      { ...example, sourceIds: [], raisedBy: example.actions.length > 0 ? 'rules' : 'detectors' },
      atMs,
    );
  }

  standings(): readonly BudgetStanding[] {
    const policies = this.documents.documents('policy').filter(({ enabled }) => enabled);
    return this.#pages.standings([...policies, DEFAULT_POLICY], this.#parts.now());
  }

  notices(limit: number): Promise<readonly RoutingNotice[]> {
    return this.#parts.store.notices(limit);
  }

  /**
   * What a document would change, or changes now.
   * @param revision of the preview that was looked at; null: whatever is there
   */
  async importConfig(
    config: RoutingConfig,
    mode: 'preview' | 'apply',
    revision: number | null,
    caller: Caller,
  ): Promise<ConfigImportAnswer> {
    const { changes, warnings } =
      mode === 'preview' ? this.documents.preview(config) : await this.documents.import(config, revision, caller);
    return { mode, changes: [...changes], warnings: [...warnings], revision: this.documents.revision };
  }

  /** Everything that people have set up, as one document; the same documents give the same one. */
  export(): RoutingConfig {
    return this.documents.export();
  }

  /** For metrics. */
  readings() {
    return {
      silences: this.#silences.active,
      dropped: { pages: this.#pages.dropped, records: this.#ledger.dropped, notices: this.#state.dropped },
    };
  }
}
