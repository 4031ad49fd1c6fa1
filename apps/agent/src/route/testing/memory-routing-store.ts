import type { DocumentWrite, StoredDocument } from '../routing-documents.ts';
import type { RoutingMemory } from '../routing-state.ts';
import type { RoutingStore } from '../routing.ts';
import type { RoutingOrder } from '../routing-rounds.ts';
import { RequestError } from '@sentinellog/shared';

/** A store that forgets nothing from one agent to the next, and fails when it is told to. */
export class MemoryRoutingStore implements RoutingStore {
  failing = false;
  revision = 0;
  readonly audit: string[] = [];
  readonly done: RoutingOrder[] = [];
  readonly #documents = new Map<string, StoredDocument>();
  readonly #steps = new Set<string>();
  #memory: RoutingMemory = { silences: [], records: [], pages: [], runs: [], notices: [] };

  async readDocuments() {
    this.#answer();
    return { documents: [...this.#documents.values()], revision: this.revision };
  }

  async writeDocuments(writes: readonly DocumentWrite[], by: { actor: string; name: string; atMs: number }) {
    this.#answer();
    for (const { kind, id, wasVersion } of writes)
      if ((this.#documents.get(`${kind} ${id}`)?.revision.version ?? null) !== wasVersion)
        throw new RequestError('conflict', 'changed by another agent');
    for (const { kind, id, body, wasVersion } of writes) {
      this.audit.push(`${by.actor} ${body === null ? 'removed' : 'wrote'} ${kind} ${id}`);
      if (body === null) this.#documents.delete(`${kind} ${id}`);
      else {
        const revision = { version: (wasVersion ?? 0) + 1, updated_at_ms: by.atMs, updated_by: by.name };
        this.#documents.set(`${kind} ${id}`, { kind, body, revision });
      }
    }
    return { revision: ++this.revision };
  }

  async readMemory() {
    this.#answer();
    const steps = [...this.#steps].map((key) => {
      const [incidentId = '', waitingSinceMs = '', ...step] = key.split(' ');
      return { incidentId, waitingSinceMs: Number(waitingSinceMs), step: step.join(' ') };
    });
    return { ...this.#memory, steps };
  }

  async saveMemory(memory: RoutingMemory) {
    this.#answer();
    this.#memory = {
      silences: merged(this.#memory.silences, memory.silences, ({ silence }) => silence.silence_id),
      records: merged(this.#memory.records, memory.records, ({ incidentId }) => incidentId),
      pages: [...this.#memory.pages, ...memory.pages],
      runs: merged(this.#memory.runs, memory.runs, ({ windowId, startsAtMs }) => `${windowId} ${startsAtMs}`),
      notices: [...this.#memory.notices, ...memory.notices],
    };
  }

  async saveSilence(silence: RoutingMemory['silences'][number], { actor, action }: { actor: string; action: string }) {
    this.#answer();
    this.audit.push(`${actor} ${action}`);
    await this.saveMemory({ silences: [silence], records: [], pages: [], runs: [], notices: [] });
  }

  async notices(limit: number) {
    return this.#memory.notices.toReversed().slice(0, limit);
  }

  /** As the real one: a step is done once, together with what goes out. */
  async commit(order: RoutingOrder): Promise<'done' | 'repeated'> {
    this.#answer();
    const keys = order.steps.map((step) => `${order.incident.incident_id} ${order.waitingSinceMs} ${step}`);
    if (keys.every((key) => this.#steps.has(key))) return 'repeated';
    for (const key of keys) this.#steps.add(key);
    this.done.push(order);
    return 'done';
  }

  #answer(): void {
    if (this.failing) throw new RequestError('storage_unavailable', 'PostgreSQL does not answer');
  }
}

function merged<Each>(old: readonly Each[], fresh: readonly Each[], keyOf: (each: Each) => string): readonly Each[] {
  return [...new Map([...old, ...fresh].map((each) => [keyOf(each), each])).values()];
}
