/**
 * The walls between the parts, as a table: who may import whom. Checked by `npm run layers` against real, resolved
 * import paths; `layers.test.ts` plants each forbidden import and expects a report.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parseSync } from 'oxc-parser';

export interface Layer {
  /** Folder, relative to the repository, with a trailing slash; the longest that fits a file is its layer. */
  readonly folder: string;
  /** Folders it may import from besides itself. */
  readonly mayImport: readonly string[];
  /** `node:` modules and npm packages allowed: '*' for any. */
  readonly packages: readonly string[];
  /** Names that pure code may not touch: time and chance are arguments. */
  readonly bannedNames?: readonly RegExp[];
}

const SHARED = 'packages/shared/src/';
const DETECTOR = 'packages/detector/src/';
const AGENT = 'apps/agent/src/';
const DESKTOP = 'apps/desktop/src/';
const PURE = [/\bDate\.now\b/, /\bMath\.random\b/, /\bnew Date\(\)/, /\bsetTimeout\b/, /\bsetInterval\b/];

const stage = (name: string, more: readonly string[] = []): Layer => ({
  folder: `${AGENT}${name}/`,
  mayImport: [SHARED, `${AGENT}pipeline/`, `${AGENT}telemetry/`, `${AGENT}config/`, ...more],
  packages: ['*'],
});

export const LAYERS: readonly Layer[] = [
  { folder: SHARED, mayImport: [], packages: ['zod'], bannedNames: PURE },
  { folder: DETECTOR, mayImport: [SHARED], packages: [], bannedNames: PURE },
  { folder: `${AGENT}pipeline/`, mayImport: [SHARED], packages: ['*'] },
  { folder: `${AGENT}telemetry/`, mayImport: [SHARED], packages: ['*'] },
  { folder: `${AGENT}config/`, mayImport: [SHARED], packages: ['*'] },
  stage('receive'),
  stage('journal'),
  stage('tally', [DETECTOR]),
  stage('detect', [DETECTOR]),
  stage('correlate'),
  stage('incident'),
  stage('route'),
  stage('notify'),
  stage('explain', [DETECTOR]),
  stage('search'),
  stage('rules'),
  stage('automation'),
  stage('runbooks'),
  stage('analysis'),
  stage('store'),
  stage('stream'),
  stage('api', [DETECTOR]),
  stage('access'),
  { folder: `${AGENT}simulate/`, mayImport: [SHARED], packages: ['*'] },
  // agent.ts wires the stages, cli/ is the outermost ring: both see everything in the agent, and the pure packages.
  { folder: AGENT, mayImport: [SHARED, DETECTOR], packages: ['*'] },
  { folder: `${DESKTOP}bridge/`, mayImport: [SHARED], packages: ['zod'], bannedNames: PURE },
  { folder: `${DESKTOP}main/`, mayImport: [SHARED, `${DESKTOP}bridge/`], packages: ['*'] },
  { folder: `${DESKTOP}preload/`, mayImport: [`${DESKTOP}bridge/`], packages: ['electron'] },
  { folder: `${DESKTOP}renderer/words/`, mayImport: [SHARED, `${DESKTOP}bridge/`], packages: [], bannedNames: PURE },
  {
    folder: `${DESKTOP}renderer/components/`,
    mayImport: [SHARED, `${DESKTOP}bridge/`, `${DESKTOP}renderer/words/`],
    packages: ['react', 'react-dom'],
  },
  {
    folder: `${DESKTOP}renderer/charts/`,
    mayImport: [SHARED, `${DESKTOP}bridge/`, `${DESKTOP}renderer/words/`, `${DESKTOP}renderer/components/`],
    packages: ['react', 'react-dom', 'uplot'],
  },
  {
    folder: `${DESKTOP}renderer/`,
    mayImport: [SHARED, `${DESKTOP}bridge/`],
    packages: [
      'react',
      'react-dom',
      'uplot',
      'zustand',
      '@fontsource-variable/inter',
      '@fontsource-variable/jetbrains-mono',
    ],
  },
  {
    folder: `${DESKTOP}web/`,
    mayImport: [SHARED, `${DESKTOP}bridge/`, `${DESKTOP}renderer/`],
    packages: ['react', 'react-dom', 'zod'],
  },
  // End-to-end tests drive built artefacts, never the source of an app.
  { folder: 'e2e/', mayImport: [], packages: ['*'] },
];

/** Modules that only the named files may import, whatever their layer. */
const ONLY_IN: readonly { readonly specifier: string; readonly name: string; readonly file: string }[] = [
  { specifier: 'electron', name: 'ipcMain', file: `${DESKTOP}main/typed-ipc.ts` },
  { specifier: 'electron', name: 'ipcRenderer', file: `${DESKTOP}preload/index.ts` },
];

/** Our packages by name, so that `@sentinellog/x` is held to the same table as a relative path. */
const OURS: Readonly<Record<string, string>> = { '@sentinellog/shared': SHARED, '@sentinellog/detector': DETECTOR };
const BUILTIN = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

export interface Report {
  readonly filesChecked: number;
  readonly violations: readonly string[];
}

export function checkLayers(root: string): Report {
  const files = LAYERS.flatMap(({ folder }) => [...sources(join(root, folder))]);
  const unique = [...new Set(files)].map((file) => relative(root, file).split(sep).join('/'));
  return { filesChecked: unique.length, violations: unique.flatMap((file) => checkFile(root, file)) };
}

function* sources(folder: string): Generator<string> {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return; // A temporary copy in a test holds only the folders it is about.
  }
  for (const entry of entries) {
    if (entry.isDirectory() && entry.name !== 'node_modules') yield* sources(join(folder, entry.name));
    else if (/\.tsx?$/.test(entry.name)) yield join(folder, entry.name);
  }
}

function layerOf(file: string): Layer | undefined {
  return LAYERS.filter(({ folder }) => file.startsWith(folder)).toSorted(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

const isTest = (file: string) => /\.(test|spec|bench)\.tsx?$/.test(file) || file.includes('/testing/');

function checkFile(root: string, file: string): string[] {
  const layer = layerOf(file);
  if (!layer) return [];
  const text = readFileSync(join(root, file), 'utf8');
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) return [`${file}: cannot be parsed: ${errors[0]?.message}`];
  const dynamic = module.dynamicImports.map((each) =>
    text.slice(each.moduleRequest.start + 1, each.moduleRequest.end - 1),
  );
  const reexports = module.staticExports.flatMap((each) =>
    each.entries.flatMap((entry) => entry.moduleRequest?.value ?? []),
  );
  const specifiers = new Set([
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...reexports,
    ...dynamic,
  ]);
  const found = [...specifiers].flatMap((specifier) => checkImport(layer, file, specifier));
  for (const { specifier, name, file: only } of ONLY_IN) {
    const imports = module.staticImports.some(
      (each) => each.moduleRequest.value === specifier && each.entries.some((entry) => entry.importName.name === name),
    );
    if (imports && file !== only) found.push(`${file}: ${name} may be imported only in ${only}`);
  }
  if (!isTest(file)) {
    for (const banned of layer.bannedNames ?? []) {
      if (banned.test(withoutComments(text)))
        found.push(`${file}: ${banned.source} is banned in ${layer.folder}: pass it in`);
    }
    if (/\bprocess\.exit\(/.test(withoutComments(text)) && file !== `${AGENT}main.ts` && file.startsWith(AGENT)) {
      found.push(`${file}: process.exit belongs to main.ts alone`);
    }
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

function checkImport(layer: Layer, file: string, specifier: string): string[] {
  const target = specifier.startsWith('.')
    ? resolve('/', dirname(file), specifier.split('?')[0] ?? '')
        .slice(1)
        .split(sep)
        .join('/')
    : Object.entries(OURS).find(([name]) => specifier === name || specifier.startsWith(`${name}/`))?.[1];
  if (target !== undefined) {
    const deep =
      specifier.startsWith('.') && Object.values(OURS).some((f) => target.startsWith(f) && !file.startsWith(f));
    if (deep) return [`${file}: imports ${target} by path; use the package's name`];
    if (!isTest(file) && (specifier.endsWith('/testing') || target.includes('/testing/'))) {
      return [`${file}: imports test support ${specifier}`];
    }
    const owner = layerOf(target);
    const allowed =
      target.startsWith(layer.folder) && owner?.folder === layer.folder
        ? true
        : [...layer.mayImport, ...inner(layer)].some((folder) => target.startsWith(folder));
    return allowed ? [] : [`${file}: may not import ${target}`];
  }
  // Tests bring their own tools.
  if (isTest(file) || layer.packages.includes('*')) return [];
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : (specifier.split('/')[0] ?? '');
  if (BUILTIN.has(specifier)) return [`${file}: may not import ${specifier}`];
  return layer.packages.includes(name) ? [] : [`${file}: may not import the package ${name}`];
}

/** agent.ts and cli/ see the stages; the renderer's views see its components and charts. Nothing else nests. */
function inner({ folder }: Layer): readonly string[] {
  return folder === AGENT || folder === `${DESKTOP}renderer/` ? [folder] : [];
}
