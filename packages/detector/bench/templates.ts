/**
 * Speed and memory of the template miner on one core (goal P6: 2 M lines/s warm, 1 M with 2 % never-seen words, 0.5 M
 * cold; 256 MB after 10 M lines). Lines are raw, with headers, ~165 B; figures are lines per second of CPU time, so that
 * a busy machine does not count.
 * Run: node --expose-gc packages/detector/bench/templates.ts [--lines N] [--json]
 *      node --expose-gc packages/detector/bench/templates.ts --memory 10000000 [--random 500000] [--json]
 * With `--memory` nothing but what is held: after so many lines of which 20 % hold a never-seen word, and after so many
 * of random text. Minutes.
 */
import { parseArgs } from 'node:util';
import { TemplateMiner } from '../src/index.ts';
import { SeededRandom } from '../src/testing/index.ts';

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '300000' },
    memory: { type: 'string' },
    random: { type: 'string', default: '500000' },
    json: { type: 'boolean', default: false },
  },
});
const LINES = Number(options.lines);
if (!(LINES >= 10_000)) throw new Error(`--lines ${options.lines}: give a number of 10,000 or more`);
const ROUNDS = 5;
const COLD_TEMPLATES = 1000;
const random = new SeededRandom(1);
const below = (limit: number) => Math.floor(random.uniform() * limit);
const word = () => Array.from({ length: 4 + below(8) }, () => String.fromCharCode(97 + below(26))).join('');

/** Message formats of an invented system; `#` is a number, `@` an address, `/` a path, `~` an id. */
function formats(count: number): string[] {
  const vocabulary = Array.from({ length: 400 }, word);
  const parts = ['#', '# ms', '@', '/', '~', 'status=#', 'user=~'];
  return Array.from({ length: count }, () =>
    Array.from({ length: 6 + below(8) }, () =>
      random.uniform() < 0.3 ? parts[below(parts.length)] : vocabulary[below(vocabulary.length)],
    ).join(' '),
  );
}

const values: Readonly<Record<string, () => string>> = {
  '#': () => String(below(1e6)),
  '@': () => `10.${below(256)}.${below(256)}.${below(256)}:${1024 + below(60_000)}`,
  '/': () => `/var/lib/shop/part-${below(1e4)}`,
  '~': () => `${below(2 ** 31).toString(16)}-${below(2 ** 31).toString(16)}a1`,
};
const two = (value: number) => String(value).padStart(2, '0');

function render(format: string, churn: number): string {
  const time = `2026-03-02 08:${two(below(60))}:${two(below(60))},${100 + below(900)}`;
  let message = format.replace(/[#@/~]/g, (mark) => values[mark]());
  if (random.uniform() < churn) message = message.split(' ').with(0, word()).join(' ');
  return `${time} INFO [worker-${below(64)}] com.shop.Service - ${message}`;
}

function linesPerSecond(miner: TemplateMiner, bytes: Uint8Array, lines: number): number {
  // Else threads that clear away what the lines were made from are counted with it.
  gcNow();
  const from = process.cpuUsage();
  let start = 0;
  for (let i = 0; i < lines; i++) {
    const end = bytes.indexOf(10, start);
    miner.push(bytes, start, end);
    start = end + 1;
  }
  const { user } = process.cpuUsage(from);
  return lines / (user / 1e6);
}

const median = (measured: readonly number[]) => measured.toSorted((a, b) => a - b)[measured.length >> 1]!;
const known = formats(200);
const packed = (lines: number, churn: number, from: readonly string[]) =>
  Buffer.from(`${Array.from({ length: lines }, () => render(from[below(from.length)], churn)).join('\n')}\n`);

const figures: Record<string, number> = {};

if (options.memory === undefined) {
  speed();
} else {
  remember('churn_20_percent', Number(options.memory), 0.2);
  remember('random_text', Number(options.random), 1);
}
for (const [what, figure] of Object.entries(figures)) {
  if (!options.json) process.stdout.write(`${what.padEnd(36)} ${figure.toLocaleString('en-US')}\n`);
}
if (options.json) process.stdout.write(`${JSON.stringify({ ...figures, node: process.version })}\n`);

function speed(): void {
  for (const churn of [0, 0.02]) {
    const miner = new TemplateMiner();
    linesPerSecond(miner, packed(20_000, 0, known), 20_000);
    // Never-seen words are known in a second pass: every round has its own lines.
    const rounds = Array.from({ length: ROUNDS }, () => linesPerSecond(miner, packed(LINES, churn, known), LINES));
    figures[churn === 0 ? 'warm_lines_per_second' : 'churn_2_percent_lines_per_second'] = Math.round(median(rounds));
  }
  const cold = packed(LINES / 10, 0, formats(COLD_TEMPLATES));
  const coldRounds = Array.from({ length: ROUNDS }, () => linesPerSecond(new TemplateMiner(), cold, LINES / 10));
  figures['cold_lines_per_second'] = Math.round(median(coldRounds));
}

/** What the miner holds after so many lines, with a share of lines in which one word (1: every word) was never seen. */
function remember(what: string, lines: number, churn: number): void {
  const miner = new TemplateMiner();
  // Few, so that what they are made from does not fill the process.
  const count = 20_000;
  const bytes = packed(count, 0, known);
  gcNow();
  const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  let cpu = 0;
  for (let done = 0; done < lines; done += count) {
    renew(bytes, churn);
    cpu += count / linesPerSecond(miner, bytes, count);
  }
  gcNow();
  const after = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const { templates, evicted } = miner.counts();
  figures[`${what}_memory_mb`] = Math.round((after - before) / 1e5) / 10;
  figures[`${what}_process_rss_mb`] = Math.round(process.memoryUsage().rss / 1e6);
  figures[`${what}_lines_per_second`] = Math.round(lines / cpu);
  figures[`${what}_templates`] = templates;
  figures[`${what}_evicted`] = evicted;
}

/** Overwrites letters of a share of the lines' messages with chance, in place. */
function renew(bytes: Buffer, share: number): void {
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(10, start);
    if (random.uniform() < share) {
      const message = bytes.indexOf(' - ', start) + 3;
      const firstEnd = share === 1 ? end : Math.min(end, Math.max(message + 1, bytes.indexOf(32, message)));
      for (let at = message; at < firstEnd; at++) if (bytes[at] > 64) bytes[at] = 97 + below(26);
    }
    start = end + 1;
  }
}

function gcNow(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
