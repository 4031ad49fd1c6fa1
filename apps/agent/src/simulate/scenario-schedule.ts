import { type ScenarioName, type ScheduledScenario, scenarioSeconds } from './scenarios.ts';

/** When a scenario is to start: so long after the run reached its present, or at a point in time. */
export type ScenarioStart =
  | { readonly type: 'offset'; readonly seconds: number /** Comes again so often. */; readonly everySeconds?: number }
  | { readonly type: 'instant'; readonly unixSecond: number };

export interface PlannedScenario {
  readonly name: ScenarioName;
  readonly start: ScenarioStart;
}

/**
 * `npm start -- --demo`: something to see within two minutes, then something every ten. Closer together, half of all minutes
 * would be an incident, and any baseline that follows the last hour rightly begins to take that for ordinary.
 */
const DEMO_CYCLE_SECONDS = 1200;
export const DEMO: readonly PlannedScenario[] = [
  { name: 'cascade', start: { type: 'offset', seconds: 90, everySeconds: DEMO_CYCLE_SECONDS } },
  { name: 'quiet-failure', start: { type: 'offset', seconds: 630, everySeconds: 2 * DEMO_CYCLE_SECONDS } },
  {
    name: 'brute-force',
    start: { type: 'offset', seconds: DEMO_CYCLE_SECONDS + 630, everySeconds: 2 * DEMO_CYCLE_SECONDS },
  },
];

/** Which scenarios are on in a second. Offsets wait until `begin` says when the present was reached. */
export class ScenarioSchedule {
  readonly #planned: readonly PlannedScenario[];
  #beginSecond: number | undefined;
  #cachedSecond = Number.NaN;
  #cached: readonly ScheduledScenario[] = [];

  constructor(planned: readonly PlannedScenario[]) {
    this.#planned = planned;
  }

  /** The second that offsets count from; the first call decides. */
  begin(unixSecond: number): void {
    this.#beginSecond ??= unixSecond;
    this.#cachedSecond = Number.NaN;
  }

  at(unixSecond: number): readonly ScheduledScenario[] {
    if (unixSecond !== this.#cachedSecond) {
      this.#cachedSecond = unixSecond;
      this.#cached = this.#planned.flatMap(({ name, start }) => {
        const startSecond = this.#startBefore(start, unixSecond);
        return startSecond !== undefined && unixSecond < startSecond + scenarioSeconds(name)
          ? [{ name, startSecond }]
          : [];
      });
    }
    return this.#cached;
  }

  /** The latest start that is not after the second. */
  #startBefore(start: ScenarioStart, unixSecond: number): number | undefined {
    const first = start.type === 'instant' ? start.unixSecond : (this.#beginSecond ?? Number.NaN) + start.seconds;
    if (!(unixSecond >= first)) return undefined;
    if (start.type === 'instant' || start.everySeconds === undefined) return first;
    return first + Math.floor((unixSecond - first) / start.everySeconds) * start.everySeconds;
  }
}
