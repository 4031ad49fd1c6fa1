import {
  AgentInfoSchema,
  AnomalySchema,
  HeartbeatAnswerSchema,
  IncidentSchema,
  SourceSchema,
} from '@sentinellog/shared';
import { z } from 'zod';

/** A picture to start with, not an archive: the chart's services, and what is open before what is over. */
export const MOST_KEPT = { sources: 500, series: 40, anomalies: 100, incidents: 200 } as const;

export const LastKnownSchema = z.object({
  /** Another version is another console's: it is not read. */
  version: z.literal(1),
  agentId: z.string().max(64),
  /** When it was written, by this computer's clock. */
  atMs: z.number(),
  info: AgentInfoSchema,
  sources: z.array(SourceSchema).max(MOST_KEPT.sources),
  anomalies: z.array(AnomalySchema).max(MOST_KEPT.anomalies),
  incidents: z.array(IncidentSchema).max(MOST_KEPT.incidents),
  heartbeat: HeartbeatAnswerSchema.nullable(),
});
/** What one agent had said when it was last heard: shown, with its age, when it cannot be reached at the start. */
export type LastKnown = z.infer<typeof LastKnownSchema>;
