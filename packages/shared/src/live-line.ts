import { z } from 'zod';
import { LEVELS } from './level.ts';

/** What one console is sent of the lines at most; above it, and above what an eye can follow, it gets a sample. */
export const MAX_LINES_PER_SECOND = 500;

/** Which lines are wanted. Every part that is given must match; without parts all are. */
export const LineFilterSchema = z.strictObject({
  /** Source ids. */
  sources: z.array(z.string().min(1).max(64)).max(1000).optional(),
  levels: z.array(z.enum(LEVELS)).max(LEVELS.length).optional(),
  /** Text that the message holds, in any case. */
  text: z.string().min(1).max(200).optional(),
  templates: z.array(z.string().min(1).max(64)).max(100).optional(),
});
export type LineFilter = z.infer<typeof LineFilterSchema>;

/** A line that has just been stored. */
export const LiveLineSchema = z.object({
  at_ms: z.number(),
  source_id: z.string(),
  service: z.string(),
  level: z.enum(LEVELS),
  /** Cut to 2,000 characters. */
  message: z.string(),
  trace_id: z.string().optional(),
  /** What it is an example of; null while that is not known. */
  template_id: z.string().nullable(),
});
export type LiveLine = z.infer<typeof LiveLineSchema>;
