import { z } from 'zod';

/** The hash before the first entry of the audit. */
export const AUDIT_GENESIS = '0'.repeat(64);

/** One link of the audit chain: hash = SHA-256("SLA1" ‖ prev_hash ‖ canonical JSON of the other fields). */
export const AuditRecordSchema = z.object({
  /** From 1, without a gap. */
  seq: z.number().int(),
  at_ms: z.number(),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  detail: z.record(z.string(), z.unknown()),
  /** 64 hexadecimal digits. */
  prev_hash: z.string(),
  hash: z.string(),
});
export type AuditRecord = z.infer<typeof AuditRecordSchema>;

export const AuditQuerySchema = z.strictObject({
  /** `asc` from the first entry on, `desc` from the newest back. */
  order: z.enum(['asc', 'desc']).default('desc'),
  /** Only entries beyond this one, in the order asked for. */
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});
export const AuditListSchema = z.object({
  entries: z.array(AuditRecordSchema),
  /** Last entry as the table of heads has it: where the chain has to end. */
  head: z.object({ seq: z.number().int(), hash: z.string() }),
});

/** A signed word about where the chain stood, kept outside the database: it shows a tail that was cut off. */
export const AuditCheckpointSchema = z.object({
  seq: z.number().int(),
  hash: z.string(),
  at_ms: z.number(),
  /** Signature of the checkpoint before, so that none can be left out; empty for the first of a run. */
  previous: z.string(),
  /** Ed25519, SPKI, base64. */
  public_key: z.string(),
  /** Ed25519 over the canonical JSON of the other fields, base64. */
  signature: z.string(),
});
export type AuditCheckpoint = z.infer<typeof AuditCheckpointSchema>;
