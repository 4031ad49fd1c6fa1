/** What the desk has done and the database does not have yet, in the order in which it happened. */
import { RequestError, type TimelineEntry } from '@sentinellog/shared';
import type { AppliedAnomaly, DeskAudit, DeskChange, OutboxStep, StoredIncident } from '../pipeline/desk-change.ts';

/** Timeline entries that wait for the database; at 300 bytes about 15 MB. The incidents themselves are bounded by the desk. */
const MAX_ENTRIES = 50_000;

export class UnsavedChanges {
  readonly #save: (change: DeskChange) => Promise<void>;
  readonly #onUnsavable: (incidentId: string, cause: unknown) => void;
  #incidents = new Map<string, StoredIncident>();
  #applied = new Map<string, AppliedAnomaly>();
  #entries: TimelineEntry[] = [];
  #audits: DeskAudit[] = [];
  #outbox: OutboxStep[] = [];
  #droppedEntries = 0;
  #turn: Promise<void> = Promise.resolve();

  /** @param onUnsavable the database will never take this incident as it is; its others are saved */
  constructor(save: (change: DeskChange) => Promise<void>, onUnsavable: (incidentId: string, cause: unknown) => void) {
    this.#save = save;
    this.#onUnsavable = onUnsavable;
  }

  /** Timeline entries that were given up because the database was away for too long. */
  get droppedEntries(): number {
    return this.#droppedEntries;
  }

  /** Incidents whose newest state waits. */
  get size(): number {
    return this.#incidents.size;
  }

  has(incidentId: string): boolean {
    return this.#incidents.has(incidentId);
  }

  /** The later state of an incident is the one that is written; everything else adds up, in order. */
  add({ incidents, applied, entries, audits, outbox }: Partial<DeskChange>): void {
    for (const one of incidents ?? []) this.#incidents.set(one.incident.incident_id, one);
    for (const one of applied ?? []) this.#applied.set(one.eventId, one);
    this.#entries.push(...(entries ?? []));
    this.#audits.push(...(audits ?? []));
    this.#outbox.push(...(outbox ?? []));
    const excess = this.#entries.length - MAX_ENTRIES;
    if (excess <= 0) return;
    this.#droppedEntries += excess;
    this.#entries = this.#entries.slice(excess);
  }

  /**
   * Saves everything that was added before the call, after what is being saved already. Rejects when the database is away;
   * then everything waits on, in its place.
   */
  flush(): Promise<void> {
    const saved = this.#turn.then(() => this.#flush());
    this.#turn = saved.catch(() => undefined);
    return saved;
  }

  async #flush(): Promise<void> {
    if (this.#incidents.size === 0 && this.#applied.size === 0) return;
    const change = this.#take();
    try {
      await this.#save(change);
    } catch (error) {
      if (!isUnavailable(error)) return this.#flushOneByOne(change, error);
      this.#giveBack(change);
      throw error;
    }
  }

  /** Something in it is not to be had by the database: the others must not wait for it for ever. */
  async #flushOneByOne(change: DeskChange, cause: unknown): Promise<void> {
    const ids = [...new Set(change.incidents.map(({ incident }) => incident.incident_id))];
    if (ids.length === 1) return this.#onUnsavable(ids[0], cause);
    for (const id of ids) {
      const part = partOf(change, id);
      try {
        await this.#save(part);
      } catch (error) {
        if (isUnavailable(error)) this.#giveBack(part);
        else this.#onUnsavable(id, error);
      }
    }
  }

  #take(): DeskChange {
    const change: DeskChange = {
      incidents: [...this.#incidents.values()],
      applied: [...this.#applied.values()],
      entries: this.#entries,
      audits: this.#audits,
      outbox: this.#outbox,
    };
    this.#incidents = new Map();
    this.#applied = new Map();
    this.#entries = [];
    this.#audits = [];
    this.#outbox = [];
    return change;
  }

  /** It comes before what was added meanwhile. */
  #giveBack(change: DeskChange): void {
    const meanwhile = this.#take();
    this.add(change);
    this.add(meanwhile);
  }
}

/** The same call may succeed later. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof RequestError && error.code === 'storage_unavailable';
}

function partOf(change: DeskChange, incidentId: string): DeskChange {
  return {
    incidents: change.incidents.filter(({ incident }) => incident.incident_id === incidentId),
    entries: change.entries.filter((entry) => entry.incident_id === incidentId),
    applied: change.applied.filter((mark) => mark.incidentId === incidentId),
    audits: change.audits.filter((audit) => audit.incidentId === incidentId),
    outbox: change.outbox.flatMap((step): OutboxStep[] => {
      if (step.type === 'cancel') return step.incidentId === incidentId ? [step] : [];
      return [{ ...step, deliveries: step.deliveries.filter((one) => one.incidentId === incidentId) }];
    }),
  };
}
