/**
 * A month of a company's services without an incident, and some with: false alarms a service-week, recall and delay by kind and size.
 * Run: node packages/detector/bench/campaign.ts --services 200 --days 30 --json
 */
import { parseArgs } from 'node:util';
import { SENSITIVITIES } from '@sentinellog/shared';
import {
  campaignServices,
  falseAlarmsAWeek,
  INCIDENT_KINDS,
  INCIDENT_SIZES,
  runService,
  type ServiceOutcome,
} from '../src/testing/campaign.ts';

/** Services that have incidents: five of each kind, each once in every size. */
const WITH_INCIDENTS = 40;

const { values: options } = parseArgs({
  options: {
    services: { type: 'string', default: '200' },
    days: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    incidents: { type: 'string', default: String(WITH_INCIDENTS) },
    json: { type: 'boolean', default: false },
  },
});
const services = Number(options.services);
const days = Number(options.days);
const withIncidents = Number(options.incidents);
if (!(services >= 1 && days >= 2)) throw new Error('give --services of 1 or more and --days of 2 or more');
/** Three weeks, or two thirds of a shorter campaign. */
const learnDays = Math.min(21, Math.floor((days * 2) / 3));

const outcomes: ServiceOutcome[] = [];
const startedMs = performance.now();
for (const [number, rhythm] of campaignServices(services, Number(options.seed)).entries()) {
  const kind = INCIDENT_KINDS[number % INCIDENT_KINDS.length];
  outcomes.push(
    runService(rhythm, {
      days,
      seed: Number(options.seed) * 10_000 + number,
      ...(number < withIncidents && { incidents: { kind, learnDays } }),
    }),
  );
  process.stderr.write(
    `\r${number + 1} of ${services} services, ${((performance.now() - startedMs) / 1000).toFixed(0)} s`,
  );
}
process.stderr.write('\n');

const incidents = outcomes.flatMap((outcome) => outcome.incidents);
const figures = {
  services,
  days,
  seed: Number(options.seed),
  false_alarms_a_service_week: Object.fromEntries(
    SENSITIVITIES.map((sensitivity) => [
      sensitivity,
      {
        first_day: falseAlarmsAWeek(outcomes, sensitivity, 0, 1),
        until_learnt: falseAlarmsAWeek(outcomes, sensitivity, 1, learnDays),
        after: falseAlarmsAWeek(outcomes, sensitivity, learnDays, days),
        quiet_services: outcomes.filter(({ falseAlarms }) =>
          falseAlarms[sensitivity].slice(learnDays).every((each) => each === 0),
        ).length,
      },
    ]),
  ),
  learn_days: learnDays,
  incidents: INCIDENT_KINDS.flatMap((kind) =>
    INCIDENT_SIZES.map((size) => {
      const these = incidents.filter((incident) => incident.kind === kind && incident.size === size);
      return {
        kind,
        size,
        count: these.length,
        ...Object.fromEntries(
          SENSITIVITIES.map((sensitivity) => {
            const delays = these.flatMap(({ delay }) => delay[sensitivity] ?? []).toSorted((a, b) => a - b);
            return [
              sensitivity,
              { found: delays.length, median_delay_seconds: delays[Math.floor((delays.length - 1) / 2)] ?? null },
            ];
          }),
        ),
      };
    }),
  ).filter(({ count }) => count > 0),
  seconds: Number(((performance.now() - startedMs) / 1000).toFixed(1)),
};

if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else {
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  for (const reason of outcomes.flatMap(({ reasons }) => reasons).slice(0, 40)) process.stdout.write(`${reason}\n`);
}
