import { exactly } from '../../words/quantity.ts';

/** `4,212 lines/s, about 1 in 20 is shown`. */
export function rateWords(matchedPerSecond: number, sampled: number): string {
  const rate = `${exactly(Math.round(matchedPerSecond))} lines/s`;
  return sampled < 1.05 ? `${rate}, all are shown` : `${rate}, about 1 in ${exactly(sampled)} is shown`;
}
