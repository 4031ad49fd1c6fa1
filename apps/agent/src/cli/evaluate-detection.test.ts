import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anomalyScores, register } from './evaluate-detection.ts';

const START = Date.UTC(2026, 2, 2) / 1000;
const series = (value: (at: number) => number) =>
  Array.from({ length: 900 }, (_, at) => ({ second: START + at * 300, value: value(at) }));
const wobble = (at: number) => 1 + 0.02 * Math.sin(at * 2.1);

describe('evaluate detection', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentinellog-evaluate-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = async (labels: object) => {
    await writeFile(join(folder, 'labels.json'), JSON.stringify(labels));
    const program = new Command().exitOverride();
    register(program);
    await program.parseAsync(['evaluate', 'detection', '--data', folder, '--out', join(folder, 'out')], {
      from: 'user',
    });
  };

  it('writes one score for each row of each series, under the same name, with the timestamps as they were', async () => {
    await mkdir(join(folder, 'shop'));
    const rows = series((at) => (at === 600 ? 9000 : Math.round(500 * wobble(at))));
    const csv = rows.map(({ second, value }) => `${second},${value}`).join('\n');
    await writeFile(join(folder, 'shop/orders.csv'), `timestamp,value\n${csv}\n`);
    await run({ series: { 'shop/orders.csv': { interval: 300 } } });
    const [head, ...lines] = (await readFile(join(folder, 'out/shop/orders.csv'), 'utf8')).trimEnd().split('\n');
    expect(head).toBe('timestamp,anomaly_score');
    expect(lines.map((line) => line.split(',')[0])).toEqual(rows.map(({ second }) => String(second)));
    const alerts = lines.flatMap((line, at) => (Number(line.split(',')[1]) >= 0.5 ? [at] : []));
    expect(alerts).toEqual([600]);
  });

  it('says in one line what is wrong with its data', async () => {
    await expect(run({ series: { '../secret.csv': { interval: 300 } } })).rejects.toThrow(/outside its folder/);
    await expect(run({ series: { 'gone.csv': { interval: 300 } } })).rejects.toThrow(/cannot read .*gone\.csv/);
    await writeFile(join(folder, 'bad.csv'), 'timestamp,value\n1767229200,12\nyesterday,13\n');
    await expect(run({ series: { 'bad.csv': { interval: 300 } } })).rejects.toThrow(/bad\.csv, line 3/);
  });

  it.each([
    ['fractions', (at: number) => 0.4 * wobble(at), 2],
    ['negative values', (at: number) => -20 + wobble(at), 30],
  ])('copes with %s', (_what, value, outlier) => {
    const scores = anomalyScores(
      series((at) => (at === 700 ? outlier : value(at))),
      300,
    );
    expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
    expect(scores.flatMap((score, at) => (score >= 0.5 ? [at] : []))).toEqual([700]);
  });
});
