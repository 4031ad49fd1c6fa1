import { z } from 'zod';

/**
 * Columns ready for uPlot: t (unix seconds, start of each step), value (events, or errors per event, per step),
 * mean, lower, upper (the baseline as it stood when the step was scored). null = not known: the agent was blind,
 * the source did not exist yet, or nothing is learnt. 0 means that it looked and there was nothing.
 */
const Column = z.array(z.number().nullable());
export const HeartbeatColumnsSchema = z.tuple([z.array(z.number()), Column, Column, Column, Column]);
export type HeartbeatColumns = z.infer<typeof HeartbeatColumnsSchema>;

/** The band of a p99, in ms: usual, and so many σ of its logarithm to either side. null while nothing is learnt. */
export function latencyBand({
  usual,
  spread,
  sigma,
}: {
  readonly usual: number;
  readonly spread: number;
  readonly sigma: number;
}): { readonly mean: number | null; readonly lower: number | null; readonly upper: number | null } {
  if (Number.isNaN(usual)) return { mean: null, lower: null, upper: null };
  return { mean: usual, lower: usual * Math.exp(-sigma * spread), upper: usual * Math.exp(sigma * spread) };
}
