import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from '../../src/config/config-schema.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const DOCKERFILE = join(ROOT, 'apps/agent/Dockerfile');
const OURS: Readonly<Record<string, string>> = {
  '@sentinellog/shared': 'packages/shared/src/index.ts',
  '@sentinellog/detector': 'packages/detector/src/index.ts',
};

interface Instruction {
  readonly word: string;
  readonly rest: string;
  /** Name of the build stage it stands in; '' for the final one. */
  readonly stage: string;
}

/** Instructions with their continuation lines joined, comments left out. */
function instructions(): Instruction[] {
  const text = readFileSync(DOCKERFILE, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ');
  let stage = '';
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word, ...words] = line.split(' ');
      const rest = words.join(' ');
      if (word === 'FROM') stage = / AS (\S+)$/.exec(rest)?.[1] ?? '';
      return { word, rest, stage };
    });
}

const all = instructions();
const final = all.filter(({ stage }) => stage === '').slice(1);
const only = (word: string) => {
  const found = final.filter((instruction) => instruction.word === word);
  expect(found).toHaveLength(1);
  return found[0].rest;
};

/** Sources that a COPY takes from the checkout, relative to the repository. */
function copiedFromCheckout(from: readonly Instruction[]): string[] {
  return from
    .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from'))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1));
}

/** What .dockerignore leaves of the build context: the last pattern that fits a path, or a folder above it, decides. */
function isSent(path: string): boolean {
  let sent = true;
  for (const line of readFileSync(`${DOCKERFILE}.dockerignore`, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const parts = path.split('/');
    const pattern = patternOf(line.replace(/^!/, ''));
    if (parts.some((_, i) => pattern.test(parts.slice(0, i + 1).join('/')))) sent = line.startsWith('!');
  }
  return sent;
}

/** Docker's globs: a star stays within a folder and takes dot files, two stars span folders. */
function patternOf(glob: string): RegExp {
  const escaped = glob.replaceAll('.', '\\.').replaceAll('**/', '<folders>').replaceAll('*', '[^/]*');
  return new RegExp(`^${escaped.replaceAll('<folders>', '(?:.*/)?')}$`);
}

/** Every file that the agent loads, from its entry on, and every package that it names. */
function loaded(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith('.ts')) return;
    const text = readFileSync(join(ROOT, file), 'utf8');
    const { module } = parseSync(file, text);
    const reexported = module.staticExports.flatMap(({ entries }) =>
      entries.flatMap((each) => each.moduleRequest?.value ?? []),
    );
    const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
      text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
    );
    for (const specifier of [
      ...module.staticImports.map((each) => each.moduleRequest.value),
      ...reexported,
      ...dynamic,
    ]) {
      if (specifier.startsWith('.'))
        visit(
          relative(ROOT, join(ROOT, dirname(file), specifier))
            .split(sep)
            .join('/'),
        );
      else if (OURS[specifier] !== undefined) visit(OURS[specifier]);
      else if (!specifier.startsWith('node:'))
        packages.add(
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        );
    }
  };
  visit(entry);
  return { files, packages };
}

function filesBelow(path: string): string[] {
  const absolute = join(ROOT, path);
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

const [interpreter, entry] = JSON.parse(only('ENTRYPOINT')) as string[];

describe('the agent’s image', () => {
  it('copies only what is there and what is sent to the builder', () => {
    const copied = copiedFromCheckout(all);
    expect(copied.length).toBeGreaterThan(10);
    for (const source of copied) {
      expect(existsSync(join(ROOT, source)), source).toBe(true);
      expect(isSent(source), source).toBe(true);
    }
  });

  it('sends no dependencies, output, tests or secrets of a checkout to the builder', () => {
    for (const path of [
      'node_modules/pg/package.json',
      'apps/agent/node_modules/x.js',
      'apps/desktop/out/web/index.html',
      '.data/credentials.json',
      '.git/HEAD',
      'apps/agent/test/image/dockerfile.test.ts',
      'apps/agent/src/simulate/random.test.ts',
      '.env',
    ]) {
      expect(isSent(path), path).toBe(false);
    }
  });

  it('holds every file that the agent loads', () => {
    expect(interpreter).toBe('node');
    const sources = copiedFromCheckout(final);
    const { files } = loaded(entry);
    expect(files.size).toBeGreaterThan(30);
    const missing = [...files].filter(
      (file) => !isSent(file) || !sources.some((source) => file === source || file.startsWith(`${source}/`)),
    );
    expect(missing).toEqual([]);
  });

  it('holds what is not loaded as a module, too: everything below src but tests', () => {
    const left = filesBelow('apps/agent/src').filter((file) => !isSent(file));
    expect(left.filter((file) => !/\.test\.ts$|\/testing\//.test(file))).toEqual([]);
  });

  it('installs every package that the agent loads, none of them for development alone', () => {
    const dependencies = ['apps/agent', 'packages/shared', 'packages/detector'].flatMap((folder) => {
      const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
        dependencies?: Record<string, string>;
      };
      return Object.keys(manifest.dependencies ?? {});
    });
    const missing = [...loaded(entry).packages].filter((name) => !dependencies.includes(name));
    expect(missing).toEqual([]);
  });

  it('serves the console from where the agent looks for it', () => {
    const agent = readFileSync(join(ROOT, 'apps/agent/src/agent.ts'), 'utf8');
    const [, fromAgent] = /new URL\('([^']*out\/web)', import\.meta\.url\)/.exec(agent) ?? [];
    const place = relative(ROOT, join(ROOT, 'apps/agent/src', fromAgent))
      .split(sep)
      .join('/');
    expect(
      final.some(
        ({ word, rest }) => word === 'COPY' && rest.startsWith('--from=console') && rest.endsWith(` ${place}`),
      ),
    ).toBe(true);
  });

  it('runs as nobody in particular, on one volume, with the agent’s own port', () => {
    expect(only('USER')).toBe('10001:10001');
    expect(only('VOLUME')).toBe('/var/lib/sentinellog');
    const port = ConfigSchema.parse({}).listen.port;
    expect(only('EXPOSE')).toBe(String(port));
    expect(JSON.parse(only('CMD'))).toEqual([
      'start',
      '--listen',
      `0.0.0.0:${port}`,
      '--data-dir',
      '/var/lib/sentinellog',
    ]);
    expect(only('HEALTHCHECK')).toContain(`http://127.0.0.1:${port}/readyz`);
  });

  it('sets nothing by environment that a configuration file could want to set', () => {
    expect(final.filter(({ word, rest }) => word === 'ENV' && rest.includes('SENTINELLOG_'))).toEqual([]);
  });

  it('builds on Debian, from one image that a release can pin by its digest', () => {
    expect(all[0]).toMatchObject({ word: 'ARG', rest: 'NODE_IMAGE=node:24-bookworm-slim' });
    const from = all.filter(({ word }) => word === 'FROM').map(({ rest }) => rest.split(' ')[0]);
    expect(new Set(from)).toEqual(new Set(['${NODE_IMAGE}', 'manifests']));
  });
});
