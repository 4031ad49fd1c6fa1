import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditCheckpoint, type AuditRecord, AuditListSchema } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { auditKey, AuditWatch, isSigned, signCheckpoint } from './audit-watch.ts';
import { verifyAudit } from './cli/audit.ts';
import { CHAIN_START, linkHash } from './store/audit-chain.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const MINUTE = 60_000;

class MemoryAudit {
  entries: AuditRecord[] = [];

  add(count: number): this {
    for (let i = 0; i < count; i++) {
      const prev_hash = this.entries.at(-1)?.hash ?? CHAIN_START.hash;
      const seq = this.entries.length + 1;
      const entry = { seq, at_ms: seq, actor: 'Mia', action: 'incident.ack', object: 'i', detail: { seq } };
      this.entries.push({ ...entry, prev_hash, hash: linkHash(prev_hash, entry) });
    }
    return this;
  }

  head = () => {
    const last = this.entries.at(-1);
    return last === undefined ? CHAIN_START : { seq: last.seq, hash: last.hash };
  };

  after = ({ after, limit }: { after: number; limit: number }) => this.entries.slice(after, after + limit);

  /** As the API gives it to `audit verify`. */
  get agent() {
    return {
      get: async (path: string) => {
        const query = new URL(path, 'http://agent').searchParams;
        const entries = this.after({ after: Number(query.get('after')), limit: Number(query.get('limit')) });
        return AuditListSchema.parse({ entries, head: this.head() });
      },
    } as Parameters<typeof verifyAudit>[0];
  }
}

function aWatch(audit: MemoryAudit) {
  const seen = { nowMs: 0, checkpoints: [] as AuditCheckpoint[], broken: [] as number[] };
  const watch = new AuditWatch({
    now: () => seen.nowMs,
    entries: async (query) => audit.after(query),
    head: async () => audit.head(),
    key: privateKey,
    onCheckpoint: (checkpoint) => seen.checkpoints.push(checkpoint),
    onBroken: (seq) => seen.broken.push(seq),
  });
  const steps = async (count: number) => {
    for (let i = 0; i < count; i++) await watch.step();
  };
  return { watch, seen, steps };
}

describe('the audit watch', () => {
  it('follows the chain round after round and is content with it', async () => {
    const audit = new MemoryAudit().add(2500);
    const { watch, seen, steps } = aWatch(audit);
    await steps(4);
    audit.add(100);
    seen.nowMs += 11 * MINUTE;
    await steps(4);
    expect(watch.isOk).toBe(true);
  });

  it('says once, and keeps saying in its metric, where an entry was changed', async () => {
    const audit = new MemoryAudit().add(2500);
    audit.entries[1799] = { ...audit.entries[1799], actor: 'nobody' };
    const { watch, seen, steps } = aWatch(audit);
    await steps(3);
    seen.nowMs += 11 * MINUTE;
    await steps(3);
    expect(seen.broken).toEqual([1800]);
    expect(watch.isOk).toBe(false);
  });

  it('notices an end that was cut off while it watched, head and all', async () => {
    const audit = new MemoryAudit().add(50);
    const { seen, steps } = aWatch(audit);
    await steps(1);
    audit.entries.length = 40;
    await steps(1);
    expect(seen.broken).toEqual([41]);
  });

  it('signs where the chain stands every thousand entries or ten minutes, if there is news', async () => {
    const audit = new MemoryAudit().add(10);
    const { seen, steps } = aWatch(audit);
    await steps(1);
    expect(seen.checkpoints).toEqual([]);
    seen.nowMs += 10 * MINUTE;
    await steps(2);
    audit.add(1000);
    await steps(2);
    expect(seen.checkpoints.map(({ seq }) => seq)).toEqual([10, 1010]);
    expect(seen.checkpoints[1]?.previous).toBe(seen.checkpoints[0]?.signature);
    expect(seen.checkpoints.every(isSigned)).toBe(true);
    expect(isSigned({ ...seen.checkpoints[0], seq: 11 })).toBe(false);
  });
});

describe('audit verify', () => {
  it('shows an end that was cut off together with its head, by a checkpoint that was kept elsewhere', async () => {
    const audit = new MemoryAudit().add(1500);
    const kept = [signCheckpoint(privateKey, audit.head(), 1, '')];
    expect(await verifyAudit(audit.agent, kept)).toMatchObject({ ok: true, end: { seq: 1500 } });
    audit.entries.length = 1400;
    expect(await verifyAudit(audit.agent, [])).toMatchObject({ ok: true });
    expect(await verifyAudit(audit.agent, kept)).toMatchObject({ ok: false, badSeq: 1401 });
  });

  it('shows a chain that was rewritten in full, and does not believe a forged checkpoint', async () => {
    const audit = new MemoryAudit().add(20);
    const kept = [signCheckpoint(privateKey, audit.head(), 1, '')];
    const rewritten = new MemoryAudit();
    rewritten.add(10).entries[9].detail = { seq: 'other' };
    rewritten.entries[9].hash = linkHash(rewritten.entries[9].prev_hash, rewritten.entries[9]);
    rewritten.add(10);
    expect(await verifyAudit(rewritten.agent, [])).toMatchObject({ ok: true });
    expect(await verifyAudit(rewritten.agent, kept)).toMatchObject({ ok: false, badSeq: 20 });
    const forged = kept.map((checkpoint) => ({ ...checkpoint, hash: rewritten.head().hash }));
    expect(await verifyAudit(rewritten.agent, forged)).toMatchObject({ ok: false, badSeq: 20 });
  });

  it('has a key that only the agent may read, and keeps it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'sentinellog-key-'));
    const first = auditKey(dir).export({ type: 'pkcs8', format: 'pem' });
    expect(auditKey(dir).export({ type: 'pkcs8', format: 'pem' })).toBe(first);
    expect(createPrivateKey(first).asymmetricKeyType).toBe('ed25519');
    expect(statSync(join(dir, 'audit-key.pem')).mode & 0o777).toBe(0o600);
    rmSync(dir, { recursive: true });
  });
});
