import {
  CONFIG_SECTIONS,
  type ChannelSummary,
  type ConfigChange,
  RequestError,
  type Revision,
  ROUTING_KINDS,
  type RoutingConfig,
  type RoutingDocument,
  type RoutingKind,
} from '@sentinellog/shared';
import type { Caller } from '../pipeline/caller.ts';
import { VersionConflict } from '../pipeline/version-conflict.ts';
import { changedFields } from './changed-fields.ts';
import { danglingReferences } from './dangling-references.ts';
import type { RoutingBook } from './routing-book.ts';

export interface StoredDocument {
  readonly kind: RoutingKind;
  readonly body: RoutingDocument;
  readonly revision: Revision;
}

/** One document made, replaced (null: removed), with the version that it must have until then; null: none. */
export interface DocumentWrite {
  readonly kind: RoutingKind;
  readonly id: string;
  readonly body: RoutingDocument | null;
  readonly wasVersion: number | null;
}

/** Where the documents lie. */
export interface DocumentStore {
  readDocuments(): Promise<{ readonly documents: readonly StoredDocument[]; readonly revision: number }>;
  /**
   * All of them with their audit entries, or none. Rejects with RequestError('conflict') when one has another version by
   * now, which only another agent on the same database can have given it.
   */
  writeDocuments(
    writes: readonly DocumentWrite[],
    by: { readonly actor: string; readonly name: string; readonly atMs: number },
  ): Promise<{ readonly revision: number }>;
}

/** Far more than people write; what is beyond is a script gone wrong. The same as an import takes. */
const MOST: Readonly<Record<RoutingKind, number>> = {
  policy: 200,
  escalation: 200,
  calendar: 200,
  window: 1000,
  person: 2000,
  team: 500,
};

/** Who acts: the name for people, and the one for the audit. */
export interface Author {
  readonly name: string;
  readonly audit: string;
}

export function authorOf({ name, tokenId }: Caller): Author {
  return { name, audit: `${name} (${tokenId})` };
}

/** The documents in memory, so that routing waits for no database, and the one place where they change. */
export class RoutingDocuments implements RoutingBook {
  readonly #store: DocumentStore;
  readonly #channels: () => readonly ChannelSummary[];
  readonly #now: () => number;
  readonly #byKind = new Map<RoutingKind, Map<string, StoredDocument>>(ROUTING_KINDS.map((kind) => [kind, new Map()]));
  #revision = 0;
  /** After a write whose answer was lost, or that another agent came before. */
  #isStale = false;
  /** Changes are made one after the other: each is checked against all that came before it. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: DocumentStore, channels: () => readonly ChannelSummary[], now: () => number) {
    this.#store = store;
    this.#channels = channels;
    this.#now = now;
  }

  /** Reads all of them anew. */
  async refresh(): Promise<void> {
    const { documents, revision } = await this.#store.readDocuments();
    for (const kind of ROUTING_KINDS) this.#of(kind).clear();
    for (const document of documents) this.#of(document.kind).set(document.body.id, document);
    this.#revision = revision;
    this.#isStale = false;
  }

  channels(): readonly ChannelSummary[] {
    return this.#channels();
  }

  documents<Kind extends RoutingKind>(kind: Kind): readonly RoutingDocument<Kind>[] {
    // What lies under a kind has passed that kind's schema.
    return [...this.#of(kind).values()].map(({ body }) => body as RoutingDocument<Kind>);
  }

  /** With their versions, by id. */
  list<Kind extends RoutingKind>(kind: Kind): readonly (RoutingDocument<Kind> & Revision)[] {
    return [...this.#of(kind).values()]
      .toSorted((a, b) => (a.body.id < b.body.id ? -1 : 1))
      .map(({ body, revision }) => ({ ...(body as RoutingDocument<Kind>), ...revision }));
  }

  one<Kind extends RoutingKind>(kind: Kind, id: string): (RoutingDocument<Kind> & Revision) | undefined {
    const stored = this.#of(kind).get(id);
    return stored && { ...(stored.body as RoutingDocument<Kind>), ...stored.revision };
  }

  create(kind: RoutingKind, body: RoutingDocument, caller: Caller): Promise<RoutingDocument & Revision> {
    return this.#inTurn(async () => {
      const known = this.one(kind, body.id);
      if (known !== undefined)
        throw new VersionConflict('conflict', `there is a ${kind} with this id already`, known, known.updated_by);
      await this.#write([{ kind, id: body.id, body, wasVersion: null }], authorOf(caller));
      return this.#must(kind, body.id);
    });
  }

  /** undefined: there is none with this id. VersionConflict: it has another version by now. */
  replace(
    kind: RoutingKind,
    body: RoutingDocument,
    version: number,
    caller: Caller,
  ): Promise<(RoutingDocument & Revision) | undefined> {
    return this.#inTurn(async () => {
      const known = this.#requireVersion(kind, body.id, version);
      if (known === undefined) return undefined;
      if (changedFields(this.#of(kind).get(body.id)?.body, body).length === 0) return known;
      await this.#write([{ kind, id: body.id, body, wasVersion: version }], authorOf(caller));
      return this.#must(kind, body.id);
    });
  }

  /** False: there is none with this id. */
  remove(kind: RoutingKind, id: string, version: number, caller: Caller): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#requireVersion(kind, id, version) === undefined) return false;
      await this.#write([{ kind, id, body: null, wasVersion: version }], authorOf(caller));
      return true;
    });
  }

  /** Everything as one document, each section by id; the same documents give the same text. */
  export(): RoutingConfig {
    const plain = <Kind extends RoutingKind>(kind: Kind) =>
      this.documents(kind).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return {
      schemaVersion: 1,
      policies: plain('policy'),
      escalations: plain('escalation'),
      calendars: plain('calendar'),
      maintenance_windows: plain('window'),
      people: plain('person'),
      teams: plain('team'),
      channels: this.#channels().map(({ id, kind, name, enabled }) => ({ id, kind, name, enabled })),
    };
  }

  get revision(): number {
    return this.#revision;
  }

  /** What an import would change. RequestError('invalid_request'): it cannot be taken, and why. */
  preview(config: RoutingConfig): { readonly changes: readonly ConfigChange[]; readonly warnings: readonly string[] } {
    const writes = this.#writesOf(config);
    this.#requireWhole(writes);
    return {
      changes: writes.map(({ kind, id, body }) => {
        const known = this.#of(kind).get(id)?.body;
        const change = known === undefined ? 'created' : body === null ? 'removed' : 'changed';
        return { kind, id, change, fields: change === 'changed' ? [...changedFields(known, body)] : [] };
      }),
      warnings: this.#missingChannels(config),
    };
  }

  /**
   * All of it or nothing.
   * @param revision of the preview that was looked at; null: whatever is there
   */
  import(config: RoutingConfig, revision: number | null, caller: Caller) {
    return this.#inTurn(async () => {
      if (revision !== null && revision !== this.#revision) {
        const detail = `the documents are at revision ${this.#revision} by now: look at the difference again`;
        throw new VersionConflict('conflict', detail, { revision: this.#revision }, null);
      }
      const preview = this.preview(config);
      await this.#write(this.#writesOf(config), authorOf(caller));
      return preview;
    });
  }

  #writesOf(config: RoutingConfig): readonly DocumentWrite[] {
    return Object.entries(CONFIG_SECTIONS).flatMap(([section, kind]) => {
      const wanted: readonly RoutingDocument[] | undefined = config[section as keyof typeof CONFIG_SECTIONS];
      if (wanted === undefined) return [];
      const known = this.#of(kind);
      const ids = new Set(wanted.map(({ id }) => id));
      if (ids.size < wanted.length)
        throw new RequestError('invalid_request', `${section} has two entries with the same id`);
      const written = wanted.flatMap((body): DocumentWrite[] => {
        const before = known.get(body.id);
        if (before !== undefined && changedFields(before.body, body).length === 0) return [];
        return [{ kind, id: body.id, body, wasVersion: before?.revision.version ?? null }];
      });
      const removed = [...known.values()]
        .filter(({ body }) => !ids.has(body.id))
        .map(({ body, revision }) => ({ kind, id: body.id, body: null, wasVersion: revision.version }));
      return [...written, ...removed];
    });
  }

  async #write(writes: readonly DocumentWrite[], author: Author): Promise<void> {
    this.#requireWhole(writes);
    if (writes.length === 0) return;
    const atMs = this.#now();
    this.#isStale = true;
    const { revision } = await this.#store.writeDocuments(writes, { actor: author.audit, name: author.name, atMs });
    this.#isStale = false;
    this.#revision = revision;
    for (const { kind, id, body, wasVersion } of writes) {
      if (body === null) this.#of(kind).delete(id);
      else
        this.#of(kind).set(id, {
          kind,
          body,
          revision: { version: (wasVersion ?? 0) + 1, updated_at_ms: atMs, updated_by: author.name },
        });
    }
  }

  /** Nothing may name what is not there, neither what is written nor what stays; and there is an end to their number. */
  #requireWhole(writes: readonly DocumentWrite[]): void {
    const after = (kind: RoutingKind) => {
      const own = writes.filter((write) => write.kind === kind);
      const kept = this.documents(kind).filter(({ id }) => !own.some((write) => write.id === id));
      return [...kept, ...own.flatMap(({ body }) => body ?? [])];
    };
    for (const kind of ROUTING_KINDS)
      if (after(kind).length > MOST[kind])
        throw new RequestError('invalid_request', `there can be at most ${MOST[kind]} documents of the kind ${kind}`);
    const dangling = danglingReferences(
      <Kind extends RoutingKind>(kind: Kind) => after(kind) as RoutingDocument<Kind>[],
    );
    if (dangling.length > 0) throw new RequestError('invalid_request', dangling.slice(0, 5).join('; '));
  }

  #missingChannels(config: RoutingConfig): string[] {
    const known = new Map(this.#channels().map((channel) => [channel.id, channel]));
    return (config.channels ?? []).flatMap(({ id, kind }) => {
      const here = known.get(id);
      if (here === undefined) return [`the channel ${id} (${kind}) is not set up here: make it with its secrets`];
      return here.kind === kind
        ? []
        : [`the channel ${id} is of kind ${here.kind} here, of kind ${kind} in the document`];
    });
  }

  #requireVersion<Kind extends RoutingKind>(kind: Kind, id: string, version: number) {
    const known = this.one(kind, id);
    if (known !== undefined && known.version !== version) {
      const detail = `it is at version ${known.version}, changed by ${known.updated_by}; you changed version ${version}`;
      throw new VersionConflict('conflict', detail, known, known.updated_by);
    }
    return known;
  }

  #must<Kind extends RoutingKind>(kind: Kind, id: string): RoutingDocument<Kind> & Revision {
    const document = this.one(kind, id);
    if (document === undefined) throw new Error(`the ${kind} that was just written is not there`);
    return document;
  }

  #of(kind: RoutingKind): Map<string, StoredDocument> {
    const documents = this.#byKind.get(kind);
    if (documents === undefined) throw new Error(`there is no kind of document called ${kind}`);
    return documents;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.#isStale) await this.refresh();
      return work();
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
