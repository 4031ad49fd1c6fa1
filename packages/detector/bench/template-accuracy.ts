/**
 * Accuracy of the template miner on the public Loghub systems (2,000 lines each, corrected truth), for docs/templates.md:
 * one setting for all, raw lines and message fields, all systems in one stream, and how much the setting was chosen to
 * fit them. The data lies in `shared/` beside the repository and is never copied into it.
 * Run: node packages/detector/bench/template-accuracy.ts [--data DIR] [--json]
 *
 * GA: share of lines whose template groups exactly the lines of one true template. FGA: the same over templates, as F1.
 * Merges that the miner announces later are followed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SHIPPED_EVIDENCE, type TemplateEvidence, TemplateMiner } from '../src/index.ts';
import { SeededRandom } from '../src/testing/index.ts';

const DATA = new URL('../../../../shared/data/templates/public', import.meta.url).pathname;
const { values: options } = parseArgs({
  options: { data: { type: 'string', default: DATA }, json: { type: 'boolean', default: false } },
});
if (!existsSync(options.data)) throw new Error(`no benchmark data at ${options.data}: give --data`);

interface Line {
  readonly bytes: Uint8Array;
  readonly truth: string;
}
interface System {
  readonly name: string;
  readonly raw: readonly Line[];
  readonly content: readonly Line[];
}
interface Score {
  readonly ga: number;
  readonly fga: number;
}

/** The settings that were tried: what ships is one of them. */
const SETTINGS: readonly TemplateEvidence[] = [3, 4, 5, 6, 8].flatMap((plainPlace) =>
  [2, 3, 4].flatMap((valuePlace) => [1, 1.5, 2].map((lonelyFactor) => ({ plainPlace, valuePlace, lonelyFactor }))),
);

const systems = readSystems(options.data);
const bySystem = systems.map(({ name, raw, content }) => ({ name, raw: scoreOf(raw), content: scoreOf(content) }));
const oneStream = scoreOf(shuffled(systems.flatMap(({ raw }) => raw)));
const leaveOut = heldOut();

if (options.json) {
  process.stdout.write(`${JSON.stringify({ systems: bySystem, one_stream: oneStream, held_out: leaveOut })}\n`);
} else {
  const rows = [
    ...bySystem.map(({ name, raw, content }) => [name, raw.ga, raw.fga, content.ga, content.fga]),
    [
      'mean',
      mean(({ raw }) => raw.ga),
      mean(({ raw }) => raw.fga),
      mean((s) => s.content.ga),
      mean((s) => s.content.fga),
    ],
    ['all in one stream', oneStream.ga, oneStream.fga, '', ''],
  ];
  process.stdout.write('| System | raw GA | raw FGA | content GA | content FGA |\n| --- | --- | --- | --- | --- |\n');
  for (const row of rows) process.stdout.write(`| ${row.map(shown).join(' | ')} |\n`);
  process.stdout.write(
    '\n| Setting | mean GA | mean FGA | worst half GA | worst half FGA |\n| --- | --- | --- | --- | --- |\n',
  );
  for (const { what, ga, fga, worstGa, worstFga } of leaveOut) {
    process.stdout.write(`| ${[what, ga, fga, worstGa, worstFga].map(shown).join(' | ')} |\n`);
  }
}

/**
 * Every way to take half of the systems: the setting that is best there is tried on the other half. Beside it the
 * shipped setting on the same halves, and the worst of all settings.
 */
function heldOut() {
  const scores = SETTINGS.map((setting) => systems.map(({ raw }) => scoreOf(raw, setting)));
  const shipped = systems.map(({ raw }) => scoreOf(raw));
  const chosen: Score[] = [];
  const kept: Score[] = [];
  const worst: Score[] = [];
  for (const half of halvesOf(systems.length)) {
    const rest = systems.map((_, i) => i).filter((i) => !half.includes(i));
    const best = scores.reduce((a, b) =>
      over(b, half).ga + over(b, half).fga > over(a, half).ga + over(a, half).fga ? b : a,
    );
    chosen.push(over(best, rest));
    kept.push(over(shipped, rest));
    worst.push(scores.map((each) => over(each, rest)).reduce((a, b) => (a.ga + a.fga < b.ga + b.fga ? a : b)));
  }
  return [
    summary('best on one half, tried on the other', chosen),
    summary('as shipped', kept),
    summary('the worst of the 45', worst),
  ];
}

function summary(what: string, halves: readonly Score[]) {
  const all = over(halves, halves.keys().toArray());
  const worstGa = Math.min(...halves.map(({ ga }) => ga));
  return { what, ...all, worstGa, worstFga: Math.min(...halves.map(({ fga }) => fga)) };
}

function over(scores: readonly Score[], places: readonly number[]): Score {
  const sum = (value: (score: Score) => number) => places.reduce((total, i) => total + value(scores[i]), 0);
  return { ga: sum(({ ga }) => ga) / places.length, fga: sum(({ fga }) => fga) / places.length };
}

function halvesOf(count: number): number[][] {
  const halves: number[][] = [];
  for (let bits = 0; bits < 2 ** count; bits++) {
    const half = Array.from({ length: count }, (_, i) => i).filter((i) => (bits & (1 << i)) !== 0);
    if (half.length === count >> 1) halves.push(half);
  }
  return halves;
}

function scoreOf(lines: readonly Line[], setting: TemplateEvidence = SHIPPED_EVIDENCE): Score {
  const miner = new TemplateMiner(undefined, setting);
  const ids = lines.map(({ bytes }) => miner.push(bytes, 0, bytes.length)).map((id) => miner.resolve(id));
  const byTruth = Map.groupBy(lines.keys(), (i) => lines[i].truth);
  const byTemplate = Map.groupBy(lines.keys(), (i) => ids[i]);
  let grouped = 0;
  let right = 0;
  for (const members of byTemplate.values()) {
    const { truth } = lines[members[0]!];
    if (byTruth.get(truth)?.length !== members.length || members.some((i) => lines[i].truth !== truth)) continue;
    grouped += members.length;
    right++;
  }
  return { ga: grouped / lines.length, fga: (2 * right) / (byTemplate.size + byTruth.size) };
}

/** Lines of all systems in turn, as a collector gets them; the same order every time. */
function shuffled(lines: readonly Line[]): Line[] {
  const random = new SeededRandom(7);
  return lines
    .map((line) => ({ line, place: random.uniform() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ line }) => line);
}

function readSystems(folder: string): System[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, `${name}_2k.gt.csv`)))
    .toSorted()
    .map((name) => {
      const raw = readFileSync(join(folder, name, `${name}_2k.log`), 'utf8').split('\n');
      const [head, ...rows] = parseCsv(readFileSync(join(folder, name, `${name}_2k.gt.csv`), 'utf8'));
      const truth = head.indexOf('CorrectedTemplate');
      const content = head.indexOf('Content');
      const line = (text: string, row: readonly string[]) => ({
        bytes: Buffer.from(text),
        truth: `${name} ${row[truth]}`,
      });
      return {
        name,
        raw: rows.map((row, i) => line(raw[i], row)),
        content: rows.map((row) => line(row[content], row)),
      };
    });
}

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    if (row.length > 1) rows.push(row);
    row = [];
  }
  return rows;
}

function mean(value: (system: (typeof bySystem)[number]) => number): number {
  return bySystem.reduce((sum, system) => sum + value(system), 0) / bySystem.length;
}

function shown(value: string | number): string {
  return typeof value === 'number' ? value.toFixed(3).replace(/^0/, '') : value;
}
