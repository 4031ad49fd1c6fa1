import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { ValueWatch } from '@sentinellog/detector';
import { SENSITIVITY_SIGMA } from '@sentinellog/shared';
import type { Command } from 'commander';
import { z } from 'zod';
import { CliError } from './cli-error.ts';

const SIGMA = SENSITIVITY_SIGMA.medium;
/** Rows by which a series is taken for counts or not; nothing is scored before they are over. */
const KIND_ROWS = 100;

const LabelsSchema = z.object({ series: z.record(z.string(), z.object({ interval: z.number().positive() })) });

/** One row of a series; `timestamp` is kept as it was written. */
interface Row {
  readonly timestamp: string;
  readonly second: number;
  readonly value: number;
}

/** `evaluate detection`: a fixed point for outside checks (ARCHITECTURE.md). */
export function register(program: Command): void {
  const evaluate = program.commands.find((command) => command.name() === 'evaluate') ?? program.command('evaluate');
  evaluate
    .description('run what is shipped over labelled data, for an outside scorer')
    .command('detection')
    .description('score every series named in DIR/labels.json with the shipped detector at medium sensitivity')
    .requiredOption('--data <dir>', 'folder with labels.json and the series it names')
    .requiredOption('--out <dir>', 'where <key> is written: CSV timestamp,anomaly_score; 0.5 and more is an alert')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', '\nExample: sentinellog evaluate detection --data shared/data/detection --out /tmp/scores')
    .action(async (options: { data: string; out: string; json?: boolean }) => {
      const summary = await evaluateDetection(options.data, options.out);
      process.stdout.write(
        options.json
          ? `${JSON.stringify(summary)}\n`
          : `${summary.series} series, ${summary.rows} rows, ${summary.alerts} alerts: scores are in ${summary.out}\n`,
      );
    });
}

/** Writes the scores of every series that `data`/labels.json names. */
export async function evaluateDetection(data: string, out: string) {
  const named = await seriesNamedIn(join(data, 'labels.json'));
  let rows = 0;
  let alerts = 0;
  for (const [key, { interval }] of named) {
    const series = await readSeries(join(data, key));
    const scores = anomalyScores(series, interval);
    const file = join(out, key);
    await mkdir(dirname(file), { recursive: true });
    const lines = series.map(({ timestamp }, at) => `${timestamp},${scores[at]}`);
    await writeFile(file, `timestamp,anomaly_score\n${lines.join('\n')}\n`);
    rows += series.length;
    alerts += scores.filter((score) => score >= 0.5).length;
  }
  return { series: named.length, rows, alerts, out };
}

/**
 * The anomaly score of each row in [0, 1]: s/(s + 3) for a deviation of s σ, so 0.5 at medium; rows that alert nobody stay below 0.5.
 *
 * @param bucketSeconds from one row to the next
 */
export function anomalyScores(
  series: readonly Pick<Row, 'second' | 'value'>[],
  bucketSeconds: number,
): readonly number[] {
  const counts = series.slice(0, KIND_ROWS).every(({ value }) => Number.isInteger(value) && value >= 0);
  const watch = new ValueWatch({ bucketSeconds, counts });
  return series.map(({ second, value }) => {
    const { score, alerts } = watch.observe(second, value, SIGMA);
    const size = score / (score + SIGMA);
    return alerts ? size : size * 0.499;
  });
}

async function seriesNamedIn(
  labelsFile: string,
): Promise<readonly (readonly [string, { readonly interval: number }])[]> {
  const labels = LabelsSchema.safeParse(parseJson(await readText(labelsFile), labelsFile));
  if (!labels.success)
    throw new CliError(`${labelsFile} is not a labels file: ${labels.error.issues[0]?.message ?? ''}`);
  const named = Object.entries(labels.data.series);
  const outside = named.find(([key]) => isAbsolute(key) || normalize(key).startsWith('..'));
  if (outside !== undefined) throw new CliError(`${labelsFile} names ${outside[0]}, which lies outside its folder`);
  return named;
}

async function readSeries(file: string): Promise<readonly Row[]> {
  const [, ...lines] = (await readText(file)).trimEnd().split(/\r?\n/);
  return lines.map((line, at) => {
    const [timestamp = '', value = ''] = line.split(',');
    const row = { timestamp, second: Number(timestamp), value: Number(value) };
    if (timestamp === '' || value === '' || !Number.isFinite(row.second) || !Number.isFinite(row.value)) {
      throw new CliError(
        `${file}, line ${at + 2}: expected "timestamp,value" with unix seconds, got "${line.slice(0, 80)}"`,
      );
    }
    return row;
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`${file} is not JSON`, { cause: error });
  }
}
