/** The whole campaign: `node apps/agent/test/acceptance/run-agent-outage.ts [outage seconds] [incidents] [kills]`. */
import { runAgentOutage } from './agent-outage.ts';

const [seconds = 600, incidents = 100, kills = 5] = process.argv.slice(2).map(Number);
const result = await runAgentOutage({
  incidents,
  kills,
  outageMs: seconds * 1000,
  drainMs: 10 * 60_000,
  say: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
const { pagerDuty, slack, mail, webhook } = result;
const isGood =
  result.incidents === incidents &&
  pagerDuty.opened === incidents &&
  pagerDuty.resolved === incidents &&
  pagerDuty.stillOpen === 0 &&
  slack.missing + slack.repeats + mail.missing + webhook.missing === 0 &&
  result.badAudit === null;
process.exitCode = isGood ? 0 : 1;
