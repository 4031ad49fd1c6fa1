/** The guided practice: what is asked, and what each key does to an incident that is not there. */
export interface PracticeState {
  /** Index into PRACTICE; its length when all is done. */
  readonly step: number;
  readonly incident: 'OPEN' | 'ACK' | 'RESOLVED';
}

export const PRACTICE = [
  { ask: 'Acknowledge it: you have it now.', key: 'a', commandId: 'incident.ack', makes: 'ACK' },
  { ask: 'Take that back.', key: 'z', commandId: 'incident.undo', makes: 'OPEN' },
  { ask: 'Acknowledge it again.', key: 'a', commandId: 'incident.ack', makes: 'ACK' },
  { ask: 'Resolve it.', key: 'r', commandId: 'incident.resolve', makes: 'RESOLVED' },
] as const;

/** The state after a key; null when the key is not the one that is asked for, and belongs to the console. */
export function practised({ step }: PracticeState, key: string): PracticeState | null {
  const asked = PRACTICE[step];
  return asked?.key === key ? { step: step + 1, incident: asked.makes } : null;
}
