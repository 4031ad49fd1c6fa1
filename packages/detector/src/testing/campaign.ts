import { SENSITIVITIES, type Sensitivity } from '@sentinellog/shared';
import { SourceWatch } from '../source-watch.ts';
import { type Disturbance, type ServiceRhythm, Traffic } from './rhythm.ts';
import { SeededRandom } from './seeded-random.ts';

const DAY = 86_400;
const WEEK = 7 * DAY;
const HOUR = 3600;
const MINUTE = 60;
/** 2026-03-02, a Monday: the month has both nights in it, New York's on the 8th and Berlin's on the 29th. */
export const CAMPAIGN_START = Date.UTC(2026, 2, 2) / 1000;
/** An anomaly that opens so long after an incident is over is still about it: five-minute windows reach back. */
const GRACE = 5 * MINUTE;
/** UTC. */
const INCIDENT_HOUR = 11;

export const INCIDENT_KINDS = [
  'spike',
  'drop',
  'silence',
  'error_burst',
  'error_creep',
  'ramp',
  'slow_answers',
  'step',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];
export const INCIDENT_SIZES = ['small', 'medium', 'large'] as const;
export type IncidentSize = (typeof INCIDENT_SIZES)[number];

interface Incident {
  readonly kind: IncidentKind;
  readonly size: IncidentSize;
  readonly from: number;
  readonly to: number;
  readonly disturbances: readonly Disturbance[];
}

/** Of one size, from a second on. Sizes: what is worth a look, what hurts, what nobody overlooks. */
const SHAPES: Readonly<Record<IncidentKind, (size: 0 | 1 | 2, from: number) => readonly Disturbance[]>> = {
  spike: (size, from) => [{ from, to: from + 10 * MINUTE, volume: [2, 4, 10][size] }],
  drop: (size, from) => [{ from, to: from + 20 * MINUTE, volume: [0.5, 0.25, 0.1][size] }],
  silence: (size, from) => [{ from, to: from + [3, 10, 30][size] * MINUTE, volume: 0 }],
  error_burst: (size, from) => [{ from, to: from + 5 * MINUTE, errorShare: [0.05, 0.15, 0.5][size] }],
  error_creep: (size, from) => [{ from, to: from + HOUR, errorShare: [0.03, 0.06, 0.12][size] }],
  ramp: (size, from) =>
    Array.from({ length: 24 }, (_, step) => ({
      from: from + step * 5 * MINUTE,
      to: from + (step + 1) * 5 * MINUTE,
      volume: [1.5, 2.5, 5][size] ** ((step + 1) / 24),
    })),
  slow_answers: (size, from) => [{ from, to: from + 15 * MINUTE, slowdown: [1.7, 3, 10][size] }],
  step: (size, from) => [{ from, to: from + 6 * HOUR, volume: [1.5, 2, 4][size] }],
};

/** Services as a company has them: rates over two decades, days, weekends, Mondays, zones, growth, nightly jobs, releases. */
export function campaignServices(count: number, seed: number): readonly ServiceRhythm[] {
  const random = new SeededRandom(seed);
  const zones = ['Europe/Berlin', 'America/New_York', 'UTC', 'Asia/Kolkata'];
  return Array.from({ length: count }, (_, number): ServiceRhythm => {
    const weekend = 0.35 + 0.6 * random.uniform();
    const monday = 1 + 0.4 * random.uniform();
    const chance = random.uniform();
    return {
      service: `service-${number}`,
      timeZone: zones[Math.floor(random.uniform() * zones.length)],
      rate: 0.4 * 100 ** random.uniform(),
      daily: 0.7 * random.uniform(),
      weekdays: [monday, 1, 1, 1, 0.95, weekend, weekend],
      growthPerWeek: 0.08 * random.uniform(),
      errorShare: 0.001 + 0.009 * random.uniform(),
      dispersion: 1 + 2 * random.uniform(),
      ...(chance < 0.2 && { job: { hour: 1 + Math.floor(random.uniform() * 4), minutes: 20, rate: 5 } }),
      ...(chance > 0.5 && { deploy: { hour: 9 + Math.floor(random.uniform() * 7), seconds: 10 } }),
      speech: { templates: 5 + Math.floor(random.uniform() * 8), medianMs: 15 * 20 ** random.uniform() },
    };
  });
}

/** What one service came to. */
export interface ServiceOutcome {
  /** False alarms of a day, by sensitivity. */
  readonly falseAlarms: Readonly<Record<Sensitivity, readonly number[]>>;
  /** What was wrong about the first false alarms, in words. */
  readonly reasons: readonly string[];
  readonly incidents: readonly {
    readonly kind: IncidentKind;
    readonly size: IncidentSize;
    /** Seconds to the first anomaly, by sensitivity; null: missed. */
    readonly delay: Readonly<Record<Sensitivity, number | null>>;
  }[];
}

export interface CampaignOptions {
  readonly days: number;
  readonly seed: number;
  readonly sensitivities?: readonly Sensitivity[];
  /** Kind of the service's three incidents, one of each size; none when absent. They run on a copy, after `learnDays`. */
  readonly incidents?: { readonly kind: IncidentKind; readonly learnDays: number };
}

/** One service for so many days, at several sensitivities at once. Nothing is wrong with it but what `incidents` says. */
export function runService(
  rhythm: ServiceRhythm,
  { days, seed, sensitivities = SENSITIVITIES, incidents }: CampaignOptions,
): ServiceOutcome {
  const watches = sensitivities.map((sensitivity) => ({
    sensitivity,
    watch: new SourceWatch({ sensitivity, timeZone: rhythm.timeZone }),
    perDay: Array.from({ length: days }, () => 0),
  }));
  const traffic = new Traffic(rhythm, { seed, reference: CAMPAIGN_START });
  const reasons: string[] = [];
  let found: ServiceOutcome['incidents'] = [];
  for (let second = 0; second < days * DAY; second++) {
    if (incidents && second === incidents.learnDays * DAY) {
      const learnt = watches.map(({ sensitivity, watch }) => ({ sensitivity, state: watch.snapshot() }));
      found = runIncidents(rhythm, incidents, learnt, seed);
    }
    const counts = traffic.frame(CAMPAIGN_START + second);
    const details = traffic.details(CAMPAIGN_START + second);
    for (const { sensitivity, watch, perDay } of watches) {
      for (const event of watch.observe(CAMPAIGN_START + second, counts, details)) {
        if (event.type !== 'opened') continue;
        const day = Math.floor(second / DAY);
        perDay[day]++;
        if (reasons.length < 20)
          reasons.push(
            `${rhythm.service} ${sensitivity} day ${day}: ${event.finding.detector}: ${event.finding.reason}`,
          );
      }
    }
  }
  const falseAlarms = { low: [], medium: [], high: [] } as Record<Sensitivity, readonly number[]>;
  for (const { sensitivity, perDay } of watches) falseAlarms[sensitivity] = perDay;
  return { falseAlarms, reasons, incidents: found };
}

function runIncidents(
  rhythm: ServiceRhythm,
  { kind, learnDays }: { readonly kind: IncidentKind; readonly learnDays: number },
  learnt: readonly { readonly sensitivity: Sensitivity; readonly state: Uint8Array }[],
  seed: number,
): ServiceOutcome['incidents'] {
  const start = CAMPAIGN_START + learnDays * DAY;
  const planned = INCIDENT_SIZES.map((size, at): Incident => {
    // Each on its own copy of what was learnt, and on a weekday of its own.
    const from = start + at * DAY + INCIDENT_HOUR * HOUR + 7 * MINUTE + 13;
    const disturbances = SHAPES[kind](at as 0 | 1 | 2, from);
    return { kind, size, from, to: disturbances.at(-1)?.to ?? from, disturbances };
  });
  return planned.map((incident, at) => {
    const { from, to, disturbances } = incident;
    const delay = { low: null, medium: null, high: null } as Record<Sensitivity, number | null>;
    const traffic = new Traffic(rhythm, { seed: seed + 1000 + at, reference: CAMPAIGN_START, disturbances });
    const watches = learnt.map(({ sensitivity, state }) => ({
      sensitivity,
      watch: SourceWatch.restore(state, { sensitivity, timeZone: rhythm.timeZone }),
    }));
    for (let second = start; second < to + GRACE; second++) {
      const counts = traffic.frame(second);
      const details = traffic.details(second);
      for (const { sensitivity, watch } of watches) {
        const opens = watch.observe(second, counts, details).some(({ type }) => type === 'opened');
        if (opens && second >= from && delay[sensitivity] === null) delay[sensitivity] = second + 1 - from;
      }
    }
    return { kind: incident.kind, size: incident.size, delay };
  });
}

/** False alarms a service-week of some days, over all services. */
export function falseAlarmsAWeek(
  outcomes: readonly ServiceOutcome[],
  sensitivity: Sensitivity,
  fromDay: number,
  toDay: number,
): number {
  const alarms = outcomes.flatMap(({ falseAlarms }) => falseAlarms[sensitivity].slice(fromDay, toDay));
  return alarms.length === 0 ? 0 : (alarms.reduce((sum, each) => sum + each, 0) * WEEK) / (alarms.length * DAY);
}
