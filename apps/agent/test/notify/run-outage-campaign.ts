/** The whole campaign: `node apps/agent/test/notify/run-outage-campaign.ts [outage seconds] [incidents] [kills]`. */
import { runOutageCampaign } from './outage-campaign.ts';

const [seconds = 600, incidents = 100, kills = 5] = process.argv.slice(2).map(Number);
const result = await runOutageCampaign({
  incidents,
  kills,
  outageMs: seconds * 1000,
  drainMs: 10 * 60_000,
  say: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
const isGood =
  result.left === 0 &&
  result.pagerDuty.opened === incidents &&
  result.pagerDuty.resolved === incidents &&
  result.slack.told === incidents &&
  result.slack.repeats === 0 &&
  result.mail.told === incidents &&
  result.webhook.told === 2 * incidents;
process.exitCode = isGood ? 0 : 1;
