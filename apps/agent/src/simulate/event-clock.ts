/**
 * How event time goes by in a run. `present`: lines carry the time at which they are written; what lies before is caught up
 * with. `paced`: event time starts anywhere and runs so many times as fast. `max`: nothing is waited for.
 */
export type Pace =
  | { readonly type: 'present' }
  | { readonly type: 'paced'; readonly speed: number }
  | { readonly type: 'max' };

/** The moment up to which lines are due, in milliseconds of event time. */
export function eventClock(pace: Pace, fromMs: number, startedAtMs: number): (nowMs: number) => number {
  let clock: (nowMs: number) => number;
  switch (pace.type) {
    case 'present':
      clock = (nowMs) => nowMs;
      break;
    case 'paced':
      clock = (nowMs) => fromMs + (nowMs - startedAtMs) * pace.speed;
      break;
    case 'max':
      clock = () => Number.POSITIVE_INFINITY;
      break;
  }
  return clock;
}
