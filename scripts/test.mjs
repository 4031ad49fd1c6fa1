/**
 * `npm test`: every check there is, on a machine that has only Node and npm. Ends with `N passed, N failed`
 * (each static check counts as one). `npm test -- NAME…` runs only the named stages.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkHostNode,
  ensureChromium,
  ensureConsole,
  ensureDependencies,
  ensureGallery,
  environment,
  main,
  ROOT,
  say,
  SetupError,
  typescriptNode,
} from './setup.mjs';

const results = mkdtempSync(join(tmpdir(), 'sentinellog-test-'));
const report = (name) => join(results, `${name}.json`);

/** A stage is a command and how to count what it did. */
const STAGES = [
  { name: 'format', args: ['biome', 'format', '.'] },
  { name: 'lint', args: ['oxlint', '--type-aware'] },
  { name: 'types', args: ['tsc', '-b'] },
  { name: 'layers', args: ['node', 'scripts/check-layers.ts'] },
  { name: 'dead', args: ['knip'] },
  {
    name: 'unit',
    args: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report('unit')}`],
    count: () => {
      const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, success } = readReport('unit');
      // A file that cannot even be loaded fails no test, but it is a failure.
      return [numPassedTests, numFailedTests || (success ? 0 : Math.max(1, numFailedTestSuites)), numPendingTests];
    },
  },
  {
    name: 'e2e',
    before: async (node) => {
      await Promise.all([ensureConsole(), ensureChromium(node)]);
      await ensureGallery();
    },
    args: ['playwright', 'test', '--config', 'e2e/playwright.config.ts'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report('e2e') },
    count: () => {
      const { expected, unexpected, flaky, skipped } = readReport('e2e').stats;
      return [expected, unexpected + flaky, skipped];
    },
  },
];

const readReport = (name) => JSON.parse(readFileSync(report(name), 'utf8'));

function run(args, env) {
  const [command, ...rest] = args;
  return new Promise((resolve) => {
    const child = spawn(command, rest, {
      cwd: ROOT,
      env: environment(env),
      stdio: ['ignore', 'inherit', 'inherit'],
      shell: process.platform === 'win32',
    });
    child.on('error', () => resolve(127));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

await main(async () => {
  checkHostNode();
  const only = process.argv.slice(2);
  const unknown = only.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0) {
    throw new SetupError(`No stage ${unknown.join(', ')}; there are ${STAGES.map((stage) => stage.name).join(', ')}`);
  }
  await ensureDependencies();
  const node = typescriptNode();
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const stage of STAGES.filter(({ name }) => only.length === 0 || only.includes(name))) {
    say(`\n── ${stage.name}`);
    await stage.before?.(node);
    const started = Date.now();
    const code = await run(stage.args, stage.env);
    const [passed, failed, skipped] = counted(stage, code);
    say(
      `${failed === 0 ? '✓' : '✗'} ${stage.name}: ${passed} passed, ${failed} failed (${((Date.now() - started) / 1000).toFixed(0)} s)`,
    );
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  rmSync(results, { recursive: true, force: true });
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
  return total.failed === 0 ? 0 : 1;
});

/** [passed, failed, skipped]; a command that failed without a failed test (it did not start, say) is one failure. */
function counted(stage, code) {
  if (!stage.count) return code === 0 ? [1, 0, 0] : [0, 1, 0];
  try {
    const [passed, failed, skipped] = stage.count();
    return [passed, failed === 0 && code !== 0 ? 1 : failed, skipped];
  } catch (error) {
    say(`${stage.name} left no report: ${error.message}`);
    return [0, 1, 0];
  }
}
