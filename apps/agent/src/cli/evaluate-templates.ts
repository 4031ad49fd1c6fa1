import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { TemplateMiner } from '@sentinellog/detector';
import { type Command, Option } from 'commander';
import { CliError } from './cli-error.ts';
import { parseCsv } from './parse-csv.ts';

/** Systems lie in the folder itself, in folders of it, or one folder deeper. */
const FOLDER_DEPTH = 2;
const TRUTH_FILE = /^(.+?)_(2k|full)\.gt\.csv(\.gz)?$/;

type Mode = 'raw' | 'content';

interface System {
  /** `Apache`; a large set is `Proxifier_full`. */
  readonly name: string;
  readonly truthFile: string;
}

/** `evaluate templates`: a fixed point for outside checks (ARCHITECTURE.md). */
export function register(program: Command): void {
  const evaluate = program.commands.find((command) => command.name() === 'evaluate') ?? program.command('evaluate');
  evaluate
    .command('templates')
    .description('give each line of every system in DIR its template, with the shipped miner and its one setting')
    .addOption(
      new Option('--mode <mode>', 'raw: whole lines; content: the Content column of the truth')
        .choices(['raw', 'content'])
        .makeOptionMandatory(),
    )
    .requiredOption(
      '--data <dir>',
      'folder with <System>_2k.log and <System>_2k.gt.csv, or the same with _full and .gz',
    )
    .requiredOption('--out <dir>', 'where <System>.pred (id, tab, template) and <System>.alias (merges) are written')
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nExample: sentinellog evaluate templates --mode raw --data shared/data/templates/public --out /tmp/pred',
    )
    .action(async (options: { mode: Mode; data: string; out: string; json?: boolean }) => {
      const systems = await systemsIn(options.data);
      if (systems.length === 0) throw new CliError(`${options.data} holds no <System>_2k.gt.csv`);
      await mkdir(options.out, { recursive: true });
      let lines = 0;
      let templates = 0;
      for (const system of systems) {
        const mined = mineTemplates(await readLines(system, options.mode));
        await writeFile(join(options.out, `${system.name}.pred`), joined(mined.lines));
        await writeFile(join(options.out, `${system.name}.alias`), joined(mined.merges));
        lines += mined.lines.length;
        templates += mined.templates;
      }
      const summary = { systems: systems.length, mode: options.mode, lines, templates, out: options.out };
      process.stdout.write(
        options.json
          ? `${JSON.stringify(summary)}\n`
          : `${systems.length} systems, ${lines} lines, ${templates} templates: predictions are in ${options.out}\n`,
      );
    });
}

/** What the miner says of each line as it comes (`id TAB template`, the template as it is in the end) and its merges (`old TAB new`). */
function mineTemplates(lines: readonly string[]): { lines: string[]; merges: string[]; templates: number } {
  const merges: string[] = [];
  const miner = new TemplateMiner((from, to) => merges.push(`${from.id}\t${to.id}`));
  const ids = lines.map((line) => {
    const bytes = Buffer.from(line);
    return miner.push(bytes, 0, bytes.length);
  });
  // A tab would end the field; templates have single blanks only.
  const predicted = ids.map((id) => `${id}\t${miner.view(id)?.text ?? ''}`);
  return { lines: predicted, merges, templates: miner.counts().templates };
}

async function systemsIn(folder: string, depth = 0): Promise<readonly System[]> {
  const systems: System[] = [];
  for (const entry of (await entriesOf(folder)).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < FOLDER_DEPTH) systems.push(...(await systemsIn(path, depth + 1)));
    const [, name, size] = TRUTH_FILE.exec(entry.name) ?? [];
    if (name !== undefined) systems.push({ name: size === 'full' ? `${name}_full` : name, truthFile: path });
  }
  return systems;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new CliError(`cannot read the folder ${folder}: ${messageOf(error)}`, { cause: error });
  }
}

async function readLines({ truthFile }: System, mode: Mode): Promise<readonly string[]> {
  if (mode === 'raw') {
    const log = join(dirname(truthFile), basename(truthFile).replace('.gt.csv', '.log'));
    const lines = (await readText(log)).split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines;
  }
  const [head = [], ...rows] = parseCsv(await readText(truthFile));
  const content = head.indexOf('Content');
  if (content < 0) throw new CliError(`${truthFile} has no column Content, only ${head.join(', ')}`);
  return rows.map((row) => row[content] ?? '');
}

async function readText(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    return (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw new CliError(`cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
