import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt } from '@sentinellog/shared';
import { writeOnce } from './access/write-once.ts';

const SEED_BYTES = 32;
/** DER around the 32 bytes of an Ed25519 key (RFC 8410, section 7 and 4). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs receipts, so that what no number follows from cannot be altered either: a name, a time, a sample's hash. */
export class ReceiptSeal {
  readonly publicKey: string;
  readonly #agentId: string;
  readonly #key: KeyObject;

  constructor(agentId: string, seed: Uint8Array) {
    if (seed.length !== SEED_BYTES) throw new RangeError(`a receipt key has ${SEED_BYTES} bytes, got ${seed.length}`);
    this.#agentId = agentId;
    this.#key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
    const der = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = der.subarray(PUBLIC_PREFIX.length).toString('base64url');
  }

  /** The receipt with this agent's name, digest and signature; a seal that it had is replaced. */
  seal(receipt: Receipt): Receipt {
    const named = { ...receipt, agent: { agent_id: this.#agentId, public_key: this.publicKey } };
    const bytes = sealedBytes(named);
    return {
      ...named,
      digest: createHash('sha256').update(bytes).digest('hex'),
      signature: sign(null, bytes, this.#key).toString('base64url'),
    };
  }
}

/** `DIR/receipt-key`, mode 0600, made on the first start: whoever has it can sign as this agent. */
export function loadReceiptSeal(dataDir: string, agentId: string, entropy: (bytes: number) => Uint8Array): ReceiptSeal {
  const file = join(dataDir, 'receipt-key');
  writeOnce(file, `${Buffer.from(entropy(SEED_BYTES)).toString('hex')}\n`);
  const text = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new Error(`${file} must hold 64 hexadecimal digits; bring it back from a backup`);
  return new ReceiptSeal(agentId, Buffer.from(text, 'hex'));
}

/**
 * What is wrong with a receipt's seal, in words; nothing when it holds.
 *
 * @param trusted public key of the agent (`GET /v1/agent`); without it the seal shows that nothing was altered since it was made, not by whom
 */
export function sealDifferences(receipt: Receipt, trusted?: string): readonly string[] {
  const { agent, digest, signature } = receipt;
  if (agent === undefined || digest === undefined || signature === undefined)
    return ['it is not signed: an agent signs every receipt it makes'];
  const bytes = sealedBytes(receipt);
  const made = createHash('sha256').update(bytes).digest('hex');
  return [
    ...(digest === made ? [] : [`digest is ${digest}, its fields give ${made}`]),
    ...(isSignedBy(agent.public_key, bytes, signature) ? [] : ['the signature is not of these fields by this key']),
    ...(trusted === undefined || trusted === agent.public_key
      ? []
      : [`signed by ${agent.public_key}, the agent's key is ${trusted}`]),
  ];
}

function isSignedBy(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  const raw = Buffer.from(publicKey, 'base64url');
  const signed = Buffer.from(signature, 'base64url');
  // Decoding forgives; a seal must be the very text that was made.
  if (raw.length !== 32 || raw.toString('base64url') !== publicKey) return false;
  if (signed.length !== 64 || signed.toString('base64url') !== signature) return false;
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
  return verify(null, bytes, key, signed);
}

function sealedBytes(receipt: Receipt): Buffer {
  const { digest: _digest, signature: _signature, ...sealed } = receipt;
  return Buffer.from(canonicalJson(sealed));
}

/** JSON with the names of every object in order (RFC 8785 for what a receipt holds). */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}
