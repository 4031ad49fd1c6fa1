/**
 * Watches over the audit chain: follows it again and again from its start, and now and then puts a signed word about where
 * it stands into the agent's log, which is kept elsewhere. The chain shows a changed entry; only that word shows a tail
 * that was cut off together with its head (reliability.md §6).
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditCheckpoint, AuditRecord } from '@sentinellog/shared';
import { canonicalJson } from './pipeline/canonical-json.ts';
import { CHAIN_START, type ChainEnd, compareEnd, followChain } from './store/audit-chain.ts';

const STEP_ENTRIES = 1000;
/** A checkpoint after so many entries or so much time, when there is something new (reliability.md §6). */
const CHECKPOINT_ENTRIES = 1000;
const CHECKPOINT_MS = 10 * 60_000;
/** Between two rounds over the whole chain. */
const ROUND_PAUSE_MS = 10 * 60_000;

export interface AuditWatchParts {
  readonly now: () => number;
  readonly entries: (query: { order: 'asc'; after: number; limit: number }) => Promise<readonly AuditRecord[]>;
  readonly head: () => Promise<ChainEnd>;
  readonly key: KeyObject;
  readonly onCheckpoint: (checkpoint: AuditCheckpoint) => void;
  readonly onBroken: (badSeq: number, because: string) => void;
}

export class AuditWatch {
  readonly #parts: AuditWatchParts;
  #reached: ChainEnd = CHAIN_START;
  #nextRoundMs = 0;
  #highestSeq = 0;
  #last: { readonly seq: number; readonly atMs: number; readonly signature: string };
  #isOk = true;

  constructor(parts: AuditWatchParts) {
    this.#parts = parts;
    this.#last = { seq: 0, atMs: parts.now(), signature: '' };
  }

  /** False once a link was found that does not fit; only a start after the repair says otherwise. */
  get isOk(): boolean {
    return this.#isOk;
  }

  /** One step; call it every few seconds. Rejects where the database cannot be read. */
  async step(): Promise<void> {
    const head = await this.#parts.head();
    if (head.seq < this.#highestSeq)
      this.#broken(head.seq + 1, `the chain ended at ${this.#highestSeq} before and ends at ${head.seq} now`);
    this.#highestSeq = Math.max(this.#highestSeq, head.seq);
    this.#checkpoint(head);
    if (this.#parts.now() < this.#nextRoundMs) return;
    const entries = await this.#parts.entries({ order: 'asc', after: this.#reached.seq, limit: STEP_ENTRIES });
    const verdict = followChain(this.#reached, entries);
    if (!verdict.ok) {
      this.#broken(verdict.badSeq, verdict.because);
      return this.#nextRound();
    }
    this.#reached = verdict.end;
    if (entries.length === STEP_ENTRIES) return;
    const end = compareEnd(this.#reached, head);
    if (!end.ok) this.#broken(end.badSeq, end.because);
    this.#nextRound();
  }

  #nextRound(): void {
    this.#reached = CHAIN_START;
    this.#nextRoundMs = this.#parts.now() + ROUND_PAUSE_MS;
  }

  #broken(badSeq: number, because: string): void {
    if (this.#isOk) this.#parts.onBroken(badSeq, because);
    this.#isOk = false;
  }

  #checkpoint(head: ChainEnd): void {
    const nowMs = this.#parts.now();
    const isDue = head.seq >= this.#last.seq + CHECKPOINT_ENTRIES || nowMs >= this.#last.atMs + CHECKPOINT_MS;
    if (!isDue || head.seq === this.#last.seq) return;
    const checkpoint = signCheckpoint(this.#parts.key, head, nowMs, this.#last.signature);
    this.#last = { seq: head.seq, atMs: nowMs, signature: checkpoint.signature };
    this.#parts.onCheckpoint(checkpoint);
  }
}

export function signCheckpoint(key: KeyObject, head: ChainEnd, atMs: number, previous: string): AuditCheckpoint {
  const public_key = createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('base64');
  const unsigned = { seq: head.seq, hash: head.hash, at_ms: atMs, previous, public_key };
  return { ...unsigned, signature: sign(null, Buffer.from(canonicalJson(unsigned)), key).toString('base64') };
}

/** Whether the checkpoint was signed by the key that it names. */
export function isSigned({ signature, ...unsigned }: AuditCheckpoint): boolean {
  const key = createPublicKey({ key: Buffer.from(unsigned.public_key, 'base64'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(canonicalJson(unsigned)), key, Buffer.from(signature, 'base64'));
}

/** The key that signs checkpoints: `DIR/audit-key.pem`, made at the first start, for the agent's eyes only. */
export function auditKey(dataDir: string): KeyObject {
  const file = join(dataDir, 'audit-key.pem');
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  }
  return createPrivateKey(readFileSync(file));
}
