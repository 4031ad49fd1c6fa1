/** What may go wrong (or only look like it), one entry each; adding one is adding an entry. Offsets and durations are seconds. */
import { smooth } from './rhythm.ts';
import { SERVICE_NAMES, type ServiceName } from './services.ts';
import {
  ACCOUNTS_LOCKED,
  GUESSED_PASSWORDS,
  NEW_RELEASE,
  ORDER_TIMEOUTS,
  PAYMENT_POOL_EXHAUSTED,
  RETRIES,
  UPSTREAM_FAILURES,
} from './messages/scenario-messages.ts';
import type { Template } from './messages/template.ts';

/** How a service's traffic differs from its ordinary day. */
export interface Effect {
  /** Multiplies the lines per second. */
  readonly volume: number;
  /** Multiplies `duration_ms`. */
  readonly latency: number;
  /** Replaces the service's ordinary share of error lines. */
  readonly errorShare?: number;
  /** What its error lines say instead of the usual. */
  readonly errors?: readonly Template[];
  /** What a share of its other lines says instead of the usual. */
  readonly chatter?: { readonly templates: readonly Template[]; readonly share: number };
}

/** One service's part in a scenario. */
interface Episode {
  readonly service: ServiceName;
  /** Seconds from the scenario's start. */
  readonly startsAfter: number;
  readonly lasts: number;
  /** Seconds over which `volume` comes and goes; 0 is a step. */
  readonly ramp?: number;
  readonly effect: Partial<Effect>;
}

export const SCENARIO_NAMES = [
  'cascade',
  'quiet-failure',
  'partial-drop',
  'deploy',
  'busy-monday',
  'brute-force',
  'retry-storm',
] as const;
export type ScenarioName = (typeof SCENARIO_NAMES)[number];

export interface Scenario {
  readonly sentence: string;
  /** True when a watcher should say nothing. */
  readonly harmless: boolean;
  readonly episodes: readonly Episode[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  // S2-17. Every failure is retried, so there are more lines and most of them are errors. The whole chain is inside four
  // seconds, so that ten seconds are enough to see all of it.
  cascade: {
    sentence: 'payment runs out of database connections, orders time out waiting for it, the gateway answers 5xx',
    harmless: false,
    episodes: [
      {
        service: 'payment-service',
        startsAfter: 0,
        lasts: 5 * MINUTE,
        effect: { volume: 2.6, latency: 14, errorShare: 0.68, errors: PAYMENT_POOL_EXHAUSTED },
      },
      {
        service: 'order-service',
        startsAfter: 2,
        lasts: 5 * MINUTE,
        effect: { volume: 2.4, latency: 20, errorShare: 0.6, errors: ORDER_TIMEOUTS },
      },
      {
        service: 'gateway',
        startsAfter: 4,
        lasts: 5 * MINUTE,
        effect: { volume: 1.8, latency: 9, errorShare: 0.5, errors: UPSTREAM_FAILURES },
      },
    ],
  },
  'quiet-failure': {
    sentence: 'notification-service hangs and says next to nothing, while everything else goes on',
    harmless: false,
    episodes: [{ service: 'notification-service', startsAfter: 0, lasts: 5 * MINUTE, effect: { volume: 0.01 } }],
  },
  'partial-drop': {
    sentence: 'three of five inventory-service instances fall out of the load balancer: 40 % of the lines are left',
    harmless: false,
    episodes: [{ service: 'inventory-service', startsAfter: 0, lasts: 10 * MINUTE, effect: { volume: 0.4 } }],
  },
  deploy: {
    sentence: 'user-service rolls out a release: a blip of a few seconds, then messages never seen before',
    harmless: true,
    episodes: [
      { service: 'user-service', startsAfter: 0, lasts: 5, effect: { volume: 0.5 } },
      {
        service: 'user-service',
        startsAfter: 5,
        lasts: 30 * MINUTE,
        effect: { chatter: { templates: NEW_RELEASE, share: 0.08 } },
      },
    ],
  },
  'busy-monday': {
    sentence: 'a Monday morning: everybody comes at once, in the proportions of every day',
    harmless: true,
    episodes: SERVICE_NAMES.filter((service) => service !== 'batch-reports').map((service) => ({
      service,
      startsAfter: 0,
      lasts: 4 * HOUR,
      ramp: HOUR,
      effect: { volume: 1.35 },
    })),
  },
  'brute-force': {
    sentence: 'somebody tries passwords against auth-service from a handful of addresses',
    harmless: false,
    episodes: [
      {
        service: 'auth-service',
        startsAfter: 0,
        lasts: 4 * MINUTE,
        effect: {
          volume: 5,
          errorShare: 0.25,
          errors: ACCOUNTS_LOCKED,
          chatter: { templates: GUESSED_PASSWORDS, share: 0.7 },
        },
      },
    ],
  },
  'retry-storm': {
    sentence: 'clients of the gateway retry without back-off and pull order-service along',
    harmless: false,
    episodes: [
      {
        service: 'gateway',
        startsAfter: 0,
        lasts: 3 * MINUTE,
        effect: { volume: 3, latency: 2, chatter: { templates: RETRIES, share: 0.6 } },
      },
      {
        service: 'order-service',
        startsAfter: 2,
        lasts: 3 * MINUTE,
        effect: { volume: 2.4, latency: 3, errorShare: 0.06, chatter: { templates: RETRIES, share: 0.4 } },
      },
    ],
  },
};

const ORDINARY: Effect = { volume: 1, latency: 1 };

/** Seconds from a scenario's start until its last episode is over. */
export function scenarioSeconds(name: ScenarioName): number {
  return Math.max(...SCENARIOS[name].episodes.map(({ startsAfter, lasts }) => startsAfter + lasts));
}

export interface ScheduledScenario {
  readonly name: ScenarioName;
  readonly startSecond: number;
}

/** All that is going on with a service in one second: volumes and latencies multiply, the later scenario has the last word. */
export function effectOn(scheduled: readonly ScheduledScenario[], service: ServiceName, unixSecond: number): Effect {
  let effect = ORDINARY;
  for (const { name, startSecond } of scheduled) {
    for (const episode of SCENARIOS[name].episodes) {
      const into = unixSecond - startSecond - episode.startsAfter;
      if (episode.service !== service || into < 0 || into >= episode.lasts) continue;
      const { volume = 1, latency = 1, ...words } = episode.effect;
      effect = {
        ...effect,
        ...words,
        volume: effect.volume * (1 + (volume - 1) * presence(episode, into)),
        latency: effect.latency * latency,
      };
    }
  }
  return effect;
}

function presence({ ramp = 0, lasts }: Episode, into: number): number {
  return ramp === 0 ? 1 : smooth(into / ramp) * smooth((lasts - into) / ramp);
}
