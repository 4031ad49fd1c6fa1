/** One accepted request as it lies in the journal: what is needed to count it again, to the event. */
export interface IngestRecord {
  readonly receivedAtMs: number;
  readonly tenant: string;
  /** Id of the ingest key that sent it; never the key. */
  readonly keyId: string;
  /** The service that a pinned key stands for; null when events name their own. */
  readonly pinnedService: string | null;
  /** The service of events that name none, where the request says it (an index in a bulk path); absent elsewhere. */
  readonly defaultService?: string;
  /** The client's `X-Sentinel-Batch-Id`, or one that the agent made. */
  readonly batchId: string;
  readonly format: RecordFormat;
  /** What the first scan came to, so that a repeated batch gets the same answer without a second scan. */
  readonly accepted: number;
  readonly rejected: number;
  /** Decoded (never compressed) body exactly as it was received. */
  readonly body: Uint8Array;
}

/** How the body is laid out; one byte scan each (`tally/scan-<format>.ts`). The journal stores the place: append only. */
export const RECORD_FORMATS = [
  'json',
  'elastic-bulk',
  'loki-json',
  'otlp-json',
  'otlp-protobuf',
  'loki-protobuf',
  // These three begin with a text head (text-reading.ts).
  'syslog',
  'text',
  'mapped-json',
] as const;
export type RecordFormat = (typeof RECORD_FORMATS)[number];
