/** An event that was refused, with its text: what a dead letter is made of. */
export interface RefusedEvent {
  readonly atMs: number;
  readonly tenant: string;
  readonly keyId: string;
  readonly code: string;
  readonly detail: string;
  /** As it came; cut. */
  readonly event: string;
}
