import { LocalTime } from './local-time.ts';
import { binomial, hashedNormal, overdispersed, Sfc32 } from './random.ts';
import { dailyFactor, smooth, blend, weeklyFactor } from './rhythm.ts';
import { type Effect, effectOn, type ScheduledScenario } from './scenarios.ts';
import { SERVICE_NAMES, SERVICES, type ServiceName, type ServiceProfile } from './services.ts';

const SECONDS_A_WEEK = 604_800;
/** Traffic wanders a little around its rhythm: over minutes, and from day to day. Standard deviations, as shares. */
const WANDERS = [
  { stream: 0x5eed_0100, periodSeconds: 900, share: 0.025 },
  { stream: 0x5eed_0200, periodSeconds: 86_400, share: 0.02 },
] as const;
const COUNTS = 0x5eed_0300;

export interface TrafficModelOptions {
  readonly seed: number;
  /** Multiplies every rate; 1 is 22 lines a second in all. */
  readonly rate: number;
  /** The unix second at which rates are as services.ts states them: before it there was less traffic, after it more. */
  readonly referenceSecond: number;
  /** What is going on in a second besides the ordinary. */
  readonly scenariosAt: (unixSecond: number) => readonly ScheduledScenario[];
}

/** What one service says in one second. */
export interface SecondOfTraffic {
  readonly events: number;
  /** How many of the events are ERROR or FATAL. */
  readonly errors: number;
  readonly effect: Effect;
}

/**
 * How many lines each service writes in each second. Pure: the same options give the same counts for a second, wherever
 * a run began, so thirty days can be walked through without writing a line.
 */
export class TrafficModel {
  readonly #options: TrafficModelOptions;
  readonly #random = new Sfc32();
  readonly #localTimes = new Map<string, LocalTime>();

  constructor(options: TrafficModelOptions) {
    this.#options = options;
  }

  /** Lines per second to be expected of a service, with rhythm, growth, wander, nightly job and scenarios. */
  ratePerSecond(service: ServiceName, unixSecond: number): number {
    return this.#ordinaryRate(service, unixSecond) * this.#effectOn(service, unixSecond).volume;
  }

  /** The lines of one second: over-dispersed around the rate, errors drawn among them. */
  countsAt(service: ServiceName, unixSecond: number): SecondOfTraffic {
    const { dispersion, errorShare } = SERVICES[service];
    const effect = this.#effectOn(service, unixSecond);
    this.#random.reseed(this.#options.seed, COUNTS, SERVICE_NAMES.indexOf(service), unixSecond);
    const events = overdispersed(this.#random, this.#ordinaryRate(service, unixSecond) * effect.volume, dispersion);
    return { events, errors: binomial(this.#random, events, effect.errorShare ?? errorShare), effect };
  }

  #effectOn(service: ServiceName, unixSecond: number): Effect {
    return effectOn(this.#options.scenariosAt(unixSecond), service, unixSecond);
  }

  #ordinaryRate(service: ServiceName, unixSecond: number): number {
    const profile = SERVICES[service];
    const hourOfWeek = this.#localTime(profile.timeZone).hourOfWeek(unixSecond);
    const weeks = (unixSecond - this.#options.referenceSecond) / SECONDS_A_WEEK;
    const rhythm = dailyFactor(profile.day, hourOfWeek % 24) * weeklyFactor(profile.week, hourOfWeek);
    const ordinary = profile.linesPerSecond * rhythm * (1 + profile.growthPerWeek) ** weeks;
    return (ordinary + jobRate(profile, hourOfWeek % 24)) * this.#wander(service, unixSecond) * this.#options.rate;
  }

  #wander(service: ServiceName, unixSecond: number): number {
    const index = SERVICE_NAMES.indexOf(service);
    let factor = 1;
    for (const { stream, periodSeconds, share } of WANDERS) {
      const at = unixSecond / periodSeconds;
      const node = Math.floor(at);
      const from = hashedNormal(this.#options.seed, stream + index, node);
      const to = hashedNormal(this.#options.seed, stream + index, node + 1);
      factor *= 1 + share * blend(from, to, smooth(at - node));
    }
    return factor;
  }

  #localTime(timeZone: string): LocalTime {
    let local = this.#localTimes.get(timeZone);
    if (!local) this.#localTimes.set(timeZone, (local = new LocalTime(timeZone)));
    return local;
  }
}

function jobRate({ job }: ServiceProfile, localHour: number): number {
  if (!job) return 0;
  // Hours come as fractions; whole seconds keep the end of the job exact.
  const seconds = Math.round((localHour - job.startHour) * 3600);
  return seconds >= 0 && seconds < job.minutes * 60 ? job.linesPerSecond : 0;
}
