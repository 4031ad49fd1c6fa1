/**
 * `npm run prove:senders -- [EVENTS]`: 10,000 events (or EVENTS) by every real client that is installed, and through a
 * restart of the agent where the protocol has answers. What is not installed is told as skipped: rsyslogd, logger and
 * syslog-ng are looked for on the PATH, or by RSYSLOGD_PATH, LOGGER_PATH and SYSLOG_NG_PATH.
 */
import { spawnSync } from 'node:child_process';

const TESTS = ['front/otlp-http', 'front/otlp-grpc', 'front/elastic-bulk', 'front/loki-push', 'senders/'];

const [events = '10000'] = process.argv.slice(2);
const files = TESTS.map((name) => `apps/agent/test/${name}`);
const { status } = spawnSync('npx', ['vitest', 'run', '--no-file-parallelism', '--reporter=verbose', ...files], {
  stdio: 'inherit',
  env: { ...process.env, SENTINELLOG_SENDER_EVENTS: events },
});
process.exitCode = status ?? 1;
