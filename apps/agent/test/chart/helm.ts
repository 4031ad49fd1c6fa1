/** A real helm: $HELM, the one on the PATH, one that an earlier run built, or one built now from its source where there is Go. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

/** Built versions are pinned, so that a test does not change by itself. */
const HELM_MODULE = 'helm.sh/helm/v3/cmd/helm@v3.22.0';
/** A helm that was built from source takes itself to be made for Kubernetes 1.20. */
const KUBERNETES_VERSION = '1.33.0';
/** 1 min 46 s on two cores with empty Go caches. */
const BUILD_LIMIT_MS = 600_000;
const RENDER_LIMIT_MS = 30_000;

type HelmSearch =
  | { readonly type: 'found'; readonly path: string }
  | { readonly type: 'missing'; readonly why: string };

export async function findHelm(): Promise<HelmSearch> {
  const cacheRoot = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cacheRoot, 'sentinellog', HELM_MODULE.replaceAll(/[^\w.@]/g, '-'));
  const built = join(folder, process.platform === 'win32' ? 'helm.exe' : 'helm');
  const candidates = [process.env['HELM'], 'helm', built];
  const path = candidates.find((candidate) => candidate !== undefined && isHelm3(candidate));
  if (path !== undefined) return { type: 'found', path };
  if (spawnSync('go', ['version']).status !== 0) return { type: 'missing', why: 'there is neither helm nor Go here' };
  return build(folder, built);
}

function isHelm3(path: string): boolean {
  const { status, stdout } = spawnSync(path, ['version', '--short'], { encoding: 'utf8', timeout: RENDER_LIMIT_MS });
  return status === 0 && stdout.startsWith('v3.');
}

/** Into a folder of its own first: a build that is cut short must not be found as a helm by the next run. */
async function build(folder: string, built: string): Promise<HelmSearch> {
  process.stderr.write(`building ${HELM_MODULE} for the chart's tests (once; some two minutes)\n`);
  const partial = `${folder}.partial-${process.pid}`;
  mkdirSync(partial, { recursive: true });
  const go = spawn('go', ['install', HELM_MODULE], {
    env: { ...process.env, GOBIN: partial, GOTOOLCHAIN: 'local', GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: BUILD_LIMIT_MS,
  });
  // Two cores run other tests meanwhile.
  if (go.pid !== undefined) setPriority(go.pid, 10);
  let said = '';
  go.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve) => go.on('close', resolve));
  const lastLine = said.trim().split('\n').at(-1) ?? '';
  if (code !== 0) return { type: 'missing', why: `go install could not build it: ${lastLine}` };
  if (!existsSync(folder)) renameSync(partial, folder);
  return { type: 'found', path: built };
}

const run = promisify(execFile);

/** A chart and the helm that reads it. */
export class HelmChart {
  readonly #helm: string;
  readonly #chart: string;

  constructor(helm: string, chart: string) {
    this.#helm = helm;
    this.#chart = chart;
  }

  /** What `helm lint` says; rejects when it finds a fault. */
  async lint(): Promise<string> {
    return this.#run('lint', this.#chart, '--strict', '--kube-version', KUBERNETES_VERSION);
  }

  /** Everything that would be applied, tests included, with `--set` for each of the settings. */
  async template(...settings: readonly string[]): Promise<string> {
    return this.#template(this.#chart, settings);
  }

  /** What a person reads after an installation. `helm template` leaves it out, so a copy of the chart renders it as an object. */
  async notes(...settings: readonly string[]): Promise<string> {
    const copy = mkdtempSync(join(tmpdir(), 'sentinellog-notes-'));
    try {
      cpSync(this.#chart, copy, { recursive: true });
      const include = 'include (print $.Template.BasePath "/NOTES.txt") . | toJson';
      writeFileSync(join(copy, 'templates', 'notes.yaml'), `apiVersion: v1\nkind: Notes\ntext: {{ ${include} }}\n`);
      return parse(await this.#template(copy, settings, '--show-only', 'templates/notes.yaml')).text as string;
    } finally {
      rmSync(copy, { recursive: true });
    }
  }

  async #template(chart: string, settings: readonly string[], ...more: readonly string[]): Promise<string> {
    const set = settings.flatMap((setting) => ['--set', setting]);
    const where = ['--namespace', 'observability', '--kube-version', KUBERNETES_VERSION];
    return this.#run('template', 'logs', chart, ...where, ...set, ...more);
  }

  async #run(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(this.#helm, [...args], { timeout: RENDER_LIMIT_MS, maxBuffer: 1 << 24 });
    return stdout;
  }
}
