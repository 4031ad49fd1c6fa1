import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { register } from './evaluate-templates.ts';

const LOG = [
  '2026-03-02 08:00:01,113 INFO [main] shop.Checkout - Paid 12.50 EUR for order 8812',
  '2026-03-02 08:00:02,007 WARN [http-4] shop.Cart - No item "A, B" in cart',
  '2026-03-02 08:00:02,480 INFO [http-1] shop.Checkout - Paid 7.00 EUR for order 8813',
];
const TRUTH = [
  'Content,EventId,EventTemplate',
  'Paid 12.50 EUR for order 8812,E1,Paid <*> EUR for order <*>',
  '"No item ""A, B"" in cart",E2,"No item ""A, B"" in cart"',
  'Paid 7.00 EUR for order 8813,E1,Paid <*> EUR for order <*>',
];

describe('evaluate templates', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentinellog-templates-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const run = async (mode: string) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    register(program);
    for (const command of program.commands.flatMap(({ commands }) => commands)) {
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    }
    const options = ['--mode', mode, '--data', folder, '--out', join(folder, 'out')];
    await program.parseAsync(['evaluate', 'templates', ...options], { from: 'user' });
  };
  const written = async (name: string) => await readFile(join(folder, 'out', name), 'utf8');

  it.each(['raw', 'content'])('in mode %s gives each line an id and its template, without the header', async (mode) => {
    await mkdir(join(folder, 'Shop'));
    await writeFile(join(folder, 'Shop/Shop_2k.log'), `${LOG.join('\n')}\n`);
    await writeFile(join(folder, 'Shop/Shop_2k.gt.csv'), `${TRUTH.join('\n')}\n`);
    await run(mode);
    expect(await written('Shop.pred')).toBe(
      '0\tPaid <*> EUR for order <*>\n1\tNo item "A, B" in cart\n0\tPaid <*> EUR for order <*>\n',
    );
    expect(await written('Shop.alias')).toBe('');
  });

  it('reads large sets from gzip and names them so', async () => {
    await writeFile(join(folder, 'Shop_full.log.gz'), gzipSync(LOG.join('\n')));
    await writeFile(join(folder, 'Shop_full.gt.csv.gz'), gzipSync(TRUTH.join('\n')));
    await run('raw');
    expect((await written('Shop_full.pred')).trimEnd().split('\n')).toHaveLength(3);
  });

  it('writes the merges that came later', async () => {
    const users = ['root', 'admin', 'guest', 'oracle', 'backup', 'nobody', 'daemon', 'games'];
    const lines = users.map((user) => `2026-03-02 08:00:01 INFO Session opened for user ${user} by console`);
    await writeFile(join(folder, 'Login_2k.log'), lines.join('\n'));
    await writeFile(join(folder, 'Login_2k.gt.csv'), 'Content\n');
    await run('raw');
    const aliases = (await written('Login.alias')).trimEnd().split('\n');
    const into = new Map(aliases.map((line) => line.split('\t') as [string, string]));
    const ids = (await written('Login.pred'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(new Set(ids.map((id) => into.get(id) ?? id)).size).toBe(1);
  });

  it('says what is wrong with its data', async () => {
    await expect(run('raw')).rejects.toThrow(/holds no <System>_2k\.gt\.csv/);
    await writeFile(join(folder, 'Shop_2k.gt.csv'), 'EventId\nE1\n');
    await expect(run('raw')).rejects.toThrow(/cannot read .*Shop_2k\.log/);
    await expect(run('content')).rejects.toThrow(/no column Content/);
    await expect(run('words')).rejects.toThrow(/Allowed choices are raw, content/);
  });
});
