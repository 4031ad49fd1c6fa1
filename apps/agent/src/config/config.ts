import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type Config, type ConfigInput, ConfigSchema } from './config-schema.ts';
import { type SettingPath, settingPaths } from './setting-paths.ts';

export { ConfigError } from './config-error.ts';
export type { Config, ConfigInput } from './config-schema.ts';

export interface ConfigOrigins {
  /** YAML file of `--config`. */
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was given on the command line, in the shape of the file. */
  readonly overrides?: ConfigInput | undefined;
}

type Tree = Record<string, unknown>;

/** One place that settings come from, with the words a person would look it up by. */
interface Layer {
  readonly tree: Tree;
  readonly nameOf: (path: readonly PropertyKey[]) => string;
}

/**
 * Defaults, then the file, then `SENTINELLOG_*` (and plain `DATABASE_URL`), then the command line: the last one wins.
 * Throws ConfigError that names every problem with the place it was set at.
 *
 * Variables that name no setting are left alone: Kubernetes itself sets `SENTINELLOG_PORT` and
 * `SENTINELLOG_SERVICE_HOST` beside a Service that is called `sentinellog`.
 */
export function loadConfig({ file, env, overrides = {} }: ConfigOrigins): Config {
  const layers = [
    ...(file === undefined ? [] : [fileLayer(file)]),
    environmentLayer(env),
    { tree: definedOnly(overrides), nameOf: optionName },
  ];
  const merged = layers.reduce<Tree>((under, { tree }) => mergeTrees(under, tree), {});
  const parsed = ConfigSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => problemOf(issue, layers)),
    { cause: parsed.error },
  );
}

function fileLayer(file: string): Layer {
  const origin = `config file ${file}`;
  const refuse = (what: string, cause?: unknown): never => {
    throw new ConfigError([{ origin, path: '', what }], { cause });
  };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return refuse(`cannot be read (${reason}); check the path given with --config`, error);
  }
  const document = parseDocument(text);
  const fault = document.errors[0];
  // The message's own excerpt of the file is left out: it may show a password.
  if (fault) refuse(`is not valid YAML: ${fault.message.split('\n')[0]}`);
  const tree: unknown = document.toJS() ?? {};
  if (!isTree(tree)) return refuse('must hold settings as "name: value" lines');
  return { tree, nameOf: () => origin };
}

function environmentLayer(env: ConfigOrigins['env']): Layer {
  const named = new Map<string, string>();
  let tree: Tree = {};
  const set = (variable: string, { path, kind }: Pick<SettingPath, 'path' | 'kind'>) => {
    const text = env[variable];
    if (text === undefined || text === '') return;
    named.set(path.join('.'), variable);
    tree = mergeTrees(tree, nest(path, FROM_TEXT[kind](text)));
  };
  set('DATABASE_URL', { path: ['database', 'url'], kind: 'text' });
  for (const setting of settingPaths(ConfigSchema)) set(setting.variable, setting);
  return {
    tree,
    // A list's problem has the element's index behind the setting's own path.
    nameOf: (path) => {
      const variable = named.get(path.join('.')) ?? named.get(path.slice(0, -1).join('.'));
      return `environment variable ${variable}`;
    },
  };
}

const FROM_TEXT: Readonly<Record<SettingPath['kind'], (text: string) => unknown>> = {
  text: (text) => text,
  // What is no number is left as it is: the schema then says what it expected.
  number: (text) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text)),
  list: (text) => text.split(',').map((item) => item.trim()),
  tree: (text) => {
    const document = parseDocument(text);
    return document.errors.length > 0 ? text : document.toJS();
  },
};

function problemOf(issue: z.core.$ZodIssue, layers: readonly Layer[]): ConfigProblem {
  const path = issue.path.join('.');
  const layer = layers.findLast(({ tree }) => holds(tree, issue.path));
  const origin = layer?.nameOf(issue.path) ?? 'configuration';
  if (issue.code !== 'unrecognized_keys') return { origin, path, what: issue.message };
  const allowed = keysAt(issue.path).join(', ');
  const keys = issue.keys.map((key) => `"${key}"`).join(', ');
  const owner = layers.findLast(({ tree }) => holds(tree, [...issue.path, issue.keys[0]]));
  return {
    origin: owner?.nameOf(issue.path) ?? origin,
    path,
    what: `unknown setting ${keys}; allowed here: ${allowed}`,
  };
}

function keysAt(path: readonly PropertyKey[]): string[] {
  const depth = path.length;
  const under = settingPaths(ConfigSchema).filter((setting) =>
    path.every((part, index) => setting.path[index] === part),
  );
  return [...new Set(under.map((setting) => setting.path[depth] ?? ''))];
}

/** `--data-dir`: the spelling of the start command's options. */
function optionName(path: readonly PropertyKey[]): string {
  const words = path.filter((part) => typeof part === 'string').join('-');
  return `option --${words.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nest(path: readonly string[], value: unknown): Tree {
  return path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as Tree;
}

/** An option that was not given arrives as `undefined` and must not hide what the file says. */
function definedOnly(tree: object): Tree {
  const given = Object.entries(tree).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, isTree(value) ? definedOnly(value) : value]));
}

function mergeTrees(under: Tree, over: Tree): Tree {
  const merged = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isTree(value) && isTree(below) ? mergeTrees(below, value) : value;
  }
  return merged;
}

function holds(tree: Tree, path: readonly PropertyKey[]): boolean {
  let at: unknown = tree;
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return false;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return true;
}
