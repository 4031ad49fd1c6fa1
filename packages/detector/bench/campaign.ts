/**
 * A month of a company's services without an incident, and some with: false alarms a service-week, recall and delay by kind and size.
 * Run: node packages/detector/bench/campaign.ts --services 200 --days 30 --json
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
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
    minutes: { type: 'string', default: '600' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'boolean', default: false },
  },
});
const days = Number(options.days);
const seed = Number(options.seed);
const withIncidents = Number(options.incidents);
const services = campaignServices(Number(options.services), seed);
if (!(services.length >= 1 && days >= 2)) throw new Error('give --services of 1 or more and --days of 2 or more');
/** Three weeks of thirty days, or as much of a shorter campaign. */
const learnDays = Math.min(21, Math.floor(days * 0.7));
const startedMs = performance.now();

if (isMainThread) report(await runAll(Number(options.threads), Number(options.minutes) * 60_000));
else parentPort!.on('message', (number: number) => parentPort!.postMessage(runOne(number), []));

function runOne(number: number): ServiceOutcome {
  const kind = INCIDENT_KINDS[number % INCIDENT_KINDS.length];
  return runService(services[number], {
    days,
    seed: seed * 10_000 + number,
    ...(number < withIncidents && { incidents: { kind, learnDays } }),
  });
}

/** In order, each thread taking the next; after `forMs` none is begun any more, and the figures are of those that were. */
async function runAll(threads: number, forMs: number): Promise<readonly ServiceOutcome[]> {
  const outcomes: ServiceOutcome[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(threads, services.length) }, async () => {
      const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
      while (next < services.length && performance.now() - startedMs < forMs) {
        worker.postMessage(next++, []);
        const [outcome] = (await once(worker, 'message')) as [ServiceOutcome];
        outcomes.push(outcome);
        showProgress(outcomes.length);
      }
      await worker.terminate();
    }),
  );
  process.stderr.write('\n');
  return outcomes;
}

function showProgress(done: number): void {
  const seconds = (performance.now() - startedMs) / 1000;
  const filled = Math.round((20 * done) / services.length);
  const left = Math.round((seconds / done) * (services.length - done));
  process.stderr.write(
    `\r${'█'.repeat(filled).padEnd(20, '░')} ${done} of ${services.length} services, ${Math.round(seconds)} s, some ${left} s to go `,
  );
}

function report(outcomes: readonly ServiceOutcome[]): void {
  const figures = figuresOf(outcomes);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
  for (const reason of outcomes.flatMap(({ reasons }) => reasons)) process.stdout.write(`${reason}\n`);
}

function figuresOf(outcomes: readonly ServiceOutcome[]) {
  const incidents = outcomes.flatMap((outcome) => outcome.incidents);
  return {
    services: outcomes.length,
    days,
    seed,
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
}
