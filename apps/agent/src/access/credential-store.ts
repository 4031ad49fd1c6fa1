/** Where credentials of one kind are kept. Every change is written to the audit together with its actor. */
export interface CredentialStore<S> {
  /** Revoked ones too, oldest first. */
  list(): Promise<readonly S[]>;
  add(credential: S, by: { readonly actor: string; readonly atMs: number }): Promise<void>;
  /** The credential as it is afterwards; undefined: there is no such one. */
  revoke(id: string, by: { readonly actor: string; readonly atMs: number }): Promise<S | undefined>;
  touch(lastUsedMs: ReadonlyMap<string, number>): Promise<void>;
}
