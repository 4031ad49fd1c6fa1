/** `npm run fuzz -- [RUNS]`: the fuzz tests of parsers.test.ts with 20,000 inputs (or RUNS) a parser instead of some hundred. */
import { spawnSync } from 'node:child_process';

const [runs = '20000'] = process.argv.slice(2);
const { status } = spawnSync('npx', ['vitest', 'run', 'apps/agent/test/abuse/parsers.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, SENTINELLOG_FUZZ_RUNS: runs },
});
process.exitCode = status ?? 1;
