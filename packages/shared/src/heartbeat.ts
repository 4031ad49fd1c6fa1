import { z } from 'zod';

/**
 * Columns ready for uPlot: t (unix seconds, start of each step), value (events, or errors per event, per step),
 * mean, lower, upper (the baseline as it stood when the step was scored). null = not known: the agent was blind,
 * the source did not exist yet, or nothing is learnt. 0 means that it looked and there was nothing.
 */
const Column = z.array(z.number().nullable());
export const HeartbeatColumnsSchema = z.tuple([z.array(z.number()), Column, Column, Column, Column]);
export type HeartbeatColumns = z.infer<typeof HeartbeatColumnsSchema>;
