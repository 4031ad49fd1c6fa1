import type { Severity } from '@sentinellog/shared';

/** Far more than are open at a time; the oldest are forgotten first, and then follow the policy as if nobody had been told. */
const MOST_INCIDENTS = 10_000;

/** What was told about one incident so far, so that updates and the end go to whoever heard of the beginning. */
export interface IncidentRecord {
  readonly incidentId: string;
  readonly atMs: number;
  /** Since when it waits for an acknowledgement. */
  readonly waitingSinceMs: number;
  /** Channels that have been told, or will be once their time has come. */
  readonly told: Readonly<Record<string, { readonly notBeforeMs: number; readonly batchMinutes: number | null }>>;
  /** The loudest severity that people have been told of; null: nobody has been told. */
  readonly toldSeverity: Severity | null;
  /** `silence:<id>` and `window:<id>` that kept people from hearing of it and still do. */
  readonly hiddenBy: readonly string[];
  /** The silence that the told channels know of. */
  readonly saidSilenceId: string | null;
}

/** Every record in memory; changes wait in `takeChanged` to be stored. */
export class IncidentLedger {
  readonly #records = new Map<string, IncidentRecord>();
  #changed = new Set<string>();
  /** Records that were forgotten before their incident was over. */
  dropped = 0;

  restore(records: readonly IncidentRecord[]): void {
    for (const record of records) this.#records.set(record.incidentId, record);
  }

  of(incidentId: string): IncidentRecord | undefined {
    return this.#records.get(incidentId);
  }

  put(record: IncidentRecord): void {
    // Deleting first keeps the map in order of the last change.
    this.#records.delete(record.incidentId);
    this.#records.set(record.incidentId, record);
    this.#changed.add(record.incidentId);
    if (this.#records.size <= MOST_INCIDENTS) return;
    const [oldest = ''] = this.#records.keys();
    this.#records.delete(oldest);
    this.dropped++;
  }

  /** As it was before a change that could not be stored. */
  takeBack(incidentId: string, before: IncidentRecord | undefined): void {
    if (before === undefined) this.#records.delete(incidentId);
    else this.put(before);
  }

  takeChanged(): readonly IncidentRecord[] {
    const changed = [...this.#changed].flatMap((incidentId) => this.#records.get(incidentId) ?? []);
    this.#changed = new Set();
    return changed;
  }

  giveBack(records: readonly IncidentRecord[]): void {
    for (const { incidentId } of records) this.#changed.add(incidentId);
  }
}
