import { z } from 'zod';
import type { JsonFile } from './json-file.ts';
import type { TokenCipher } from './token-cipher.ts';

const VaultAgentSchema = z.object({
  /** The console's own id for it: what an agent says of itself must not be able to replace another agent. */
  agentId: z.string().min(1).max(64),
  name: z.string().min(1).max(100),
  code: z.string().min(1).max(6),
  /** Origin, `https://…` or `http://` on this machine. */
  url: z.string().min(1).max(2048),
  colour: z.number().int().min(0).max(5),
  /** What this console's person calls it instead; stands whatever the agent says. */
  ownCode: z.string().min(1).max(6).optional(),
});
export type VaultAgent = z.infer<typeof VaultAgentSchema>;

export const VaultFileSchema = z.object({
  version: z.literal(1),
  agents: z.array(VaultAgentSchema.extend({ sealedToken: z.base64().nullable() })).max(200),
});
export type VaultFile = z.infer<typeof VaultFileSchema>;
export const EMPTY_VAULT: VaultFile = { version: 1, agents: [] };

/** `session`: gone when the console closes, as the agent that `npm start` runs is. */
export type Keep = 'saved' | 'session';

interface Entry {
  readonly agent: VaultAgent;
  readonly keep: Keep;
  readonly token: string | null;
  readonly sealedToken: string | null;
}

/**
 * The agents that this console knows, and their tokens. On disk a token is sealed by the system's key store or it is not
 * there at all; in the clear it exists only in this object.
 */
export class AgentVault {
  readonly #file: Pick<JsonFile<VaultFile>, 'write'>;
  readonly #cipher: TokenCipher;
  readonly #entries = new Map<string, Entry>();

  private constructor(file: Pick<JsonFile<VaultFile>, 'write'>, cipher: TokenCipher) {
    this.#file = file;
    this.#cipher = cipher;
  }

  static async open(file: Pick<JsonFile<VaultFile>, 'read' | 'write'>, cipher: TokenCipher): Promise<AgentVault> {
    const vault = new AgentVault(file, cipher);
    const { agents } = await file.read();
    let resealed = false;
    for (const { sealedToken, ...agent } of agents) {
      const opened = await vault.#unseal(sealedToken);
      resealed ||= opened.sealedToken !== sealedToken;
      vault.#entries.set(agent.agentId, { agent, keep: 'saved', ...opened });
    }
    if (resealed) await vault.#save();
    return vault;
  }

  list(): readonly VaultAgent[] {
    return [...this.#entries.values()].map(({ agent }) => agent);
  }

  get(agentId: string): VaultAgent | undefined {
    return this.#entries.get(agentId)?.agent;
  }

  /** `null` when it was never kept, was forgotten, or can no longer be unsealed. */
  tokenOf(agentId: string): string | null {
    return this.#entries.get(agentId)?.token ?? null;
  }

  /** True when the token will still be known after the console was closed. */
  isTokenKept(agentId: string): boolean {
    return (this.#entries.get(agentId)?.sealedToken ?? null) !== null;
  }

  /** Adds, or replaces the one with this id; one that a person has saved stays saved. */
  async put(agent: VaultAgent, token: string, wanted: Keep): Promise<void> {
    const keep = this.#entries.get(agent.agentId)?.keep === 'saved' ? 'saved' : wanted;
    const sealedToken = keep === 'saved' ? await this.#seal(token) : null;
    this.#entries.set(agent.agentId, { agent, keep, token, sealedToken });
    await this.#save();
  }

  /** What the agent says of itself has changed. */
  async describe(agentId: string, { name, code }: Pick<VaultAgent, 'name' | 'code'>): Promise<void> {
    const entry = this.#entries.get(agentId);
    if (entry === undefined || (entry.agent.name === name && entry.agent.code === code)) return;
    this.#entries.set(agentId, { ...entry, agent: { ...entry.agent, name, code } });
    await this.#save();
  }

  /** A person's own label for it; undefined: the agent's own. */
  async label(agentId: string, colour: number, ownCode: string | undefined): Promise<void> {
    const entry = this.#entries.get(agentId);
    if (entry === undefined) return;
    const { ownCode: _before, ...agent } = entry.agent;
    this.#entries.set(agentId, {
      ...entry,
      agent: { ...agent, colour, ...(ownCode === undefined ? {} : { ownCode }) },
    });
    await this.#save();
  }

  async remove(agentId: string): Promise<void> {
    if (this.#entries.delete(agentId)) await this.#save();
  }

  /** The agents stay listed; each needs its token again. */
  async forgetTokens(): Promise<void> {
    for (const [agentId, entry] of this.#entries) {
      this.#entries.set(agentId, { ...entry, token: null, sealedToken: null });
    }
    await this.#save();
  }

  async #seal(token: string): Promise<string | null> {
    if (this.#cipher.unavailable !== null) return null;
    return (await this.#cipher.seal(token)).toString('base64');
  }

  async #unseal(sealedToken: string | null): Promise<Pick<Entry, 'token' | 'sealedToken'>> {
    if (sealedToken === null || this.#cipher.unavailable !== null) return { token: null, sealedToken };
    try {
      const { token, reseal } = await this.#cipher.unseal(Buffer.from(sealedToken, 'base64'));
      return { token, sealedToken: reseal ? await this.#seal(token) : sealedToken };
    } catch {
      // Sealed by another user or on another machine: as good as never kept, and the screen asks for it again.
      return { token: null, sealedToken: null };
    }
  }

  #save(): Promise<void> {
    const agents = [...this.#entries.values()]
      .filter(({ keep }) => keep === 'saved')
      .map(({ agent, sealedToken }) => ({ ...agent, sealedToken }));
    return this.#file.write({ version: 1, agents });
  }
}
