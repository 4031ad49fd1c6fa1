import { AgentMessageSchema, type AgentMessage } from '@sentinellog/shared';

/**
 * The largest text an agent may send, in UTF-16 units. The snapshot decides it: 10,000 sources of a tenant at about
 * 350 characters each, and the anomalies of an hour with their sample lines.
 */
export const MAX_AGENT_MESSAGE_LENGTH = 8 * 1024 * 1024;

export type ParsedMessage =
  | { readonly ok: true; readonly message: AgentMessage }
  | { readonly ok: false; readonly reason: 'not_text' | 'too_long' | 'not_json' | 'not_of_this_protocol' };

/** Everything an agent sends passes here: agents are treated as hostile (reliability §4, 13). */
export function parseAgentMessage(data: unknown): ParsedMessage {
  if (typeof data !== 'string') return { ok: false, reason: 'not_text' };
  if (data.length > MAX_AGENT_MESSAGE_LENGTH) return { ok: false, reason: 'too_long' };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { ok: false, reason: 'not_json' };
  }
  const parsed = AgentMessageSchema.safeParse(json);
  return parsed.success ? { ok: true, message: parsed.data } : { ok: false, reason: 'not_of_this_protocol' };
}
