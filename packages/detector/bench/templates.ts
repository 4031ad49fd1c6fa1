/**
 * Speed and memory of the template miner on one core (goal P6: 2 M lines/s warm, 1 M with 2 % never-seen words, 0.5 M cold).
 * Lines are raw, with headers, ~110 B; figures are lines per second of CPU time, so that a busy machine does not count.
 * Run: node packages/detector/bench/templates.ts [lines]
 */
import { TemplateMiner } from '../src/index.ts';
import { SeededRandom } from '../src/testing/index.ts';

const LINES = Number(process.argv[2] ?? 500_000);
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

for (const churn of [0, 0.02]) {
  const bytes = packed(LINES, churn, known);
  const miner = new TemplateMiner();
  linesPerSecond(miner, packed(20_000, 0, known), 20_000);
  const rounds = Array.from({ length: ROUNDS }, () => linesPerSecond(miner, bytes, LINES));
  // A second pass over never-seen words finds some of them known: the first round tells.
  report(churn === 0 ? 'warm' : 'churn_2_percent', churn === 0 ? median(rounds) : rounds[0], miner);
}
const cold = packed(LINES / 10, 0, formats(COLD_TEMPLATES));
const rounds = Array.from({ length: ROUNDS }, () => {
  const miner = new TemplateMiner();
  return { miner, speed: linesPerSecond(miner, cold, LINES / 10) };
});
report('cold', median(rounds.map(({ speed }) => speed)), rounds[0].miner);

function report(what: string, speed: number, miner: TemplateMiner): void {
  const rssMb = Math.round(process.memoryUsage.rss() / 1e6);
  process.stdout.write(
    `${JSON.stringify({ what, lines_per_second: Math.round(speed), ...miner.counts(), rss_mb: rssMb })}\n`,
  );
}
