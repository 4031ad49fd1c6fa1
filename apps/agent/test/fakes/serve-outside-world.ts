/**
 * The outside world as a program, for tests that may not import it: `node serve-outside-world.ts FOLDER` prints one JSON line,
 * how to start an agent that is told of it, and answers every GET with what has been heard so far. Ends with its stdin.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutsideWorld, SECRETS } from './outside-world.ts';

const [folder = '.'] = process.argv.slice(2);
const outside = await OutsideWorld.open();
const { slack, pagerDuty } = outside;
const server = createServer((_request, response) => {
  const heard = {
    slack: slack.top.map(({ blocks }) => JSON.stringify(blocks)),
    slackProblems: slack.problems,
    opened: pagerDuty.opened,
    acknowledged: pagerDuty.events.filter(({ event_action }) => event_action === 'acknowledge').length,
  };
  response.end(JSON.stringify(heard));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
process.stdout.write(`${JSON.stringify({ url, options: outside.startOptions(folder), environment: SECRETS })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
server.close();
server.closeAllConnections();
await outside.close();
