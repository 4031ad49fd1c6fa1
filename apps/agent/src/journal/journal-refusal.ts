/** Why the journal does not take a record. All pass: the sender may send the same batch again. */
const JOURNAL_REFUSALS = ['disk_full', 'overloaded', 'storage_unavailable', 'shutting_down'] as const;
export type JournalRefusalCode = (typeof JOURNAL_REFUSALS)[number];

export class JournalRefusal extends Error {
  readonly code: JournalRefusalCode;

  constructor(code: JournalRefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalRefusal';
    this.code = code;
  }
}
