import { AnomalyListSchema, type Incident, IncidentDetailSchema, IncidentListSchema } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { shippedRunbooks } from '../../src/runbooks/shipped-runbooks.ts';
import { blockKitProblems, slackMarkup } from '../fakes/block-kit.ts';
import { HOSTILE_LINES } from '../notify/hostile-lines.ts';
import { AgentProcess, eventually } from './agent-process.ts';
import { APART_MS, breakDown } from './breaking-services.ts';
import { ConsoleStream } from './console-stream.ts';
import { CONSOLE_URL, OutsideWorld } from '../fakes/outside-world.ts';

const INCIDENTS = 40;
const agent = new AgentProcess();
let outside: OutsideWorld;
let stream: ConsoleStream;
beforeAll(async () => {
  outside = await OutsideWorld.open();
  await agent.start(...outside.startOptions(agent.dataDir));
  stream = await ConsoleStream.open(agent.url, agent.credentials.adminToken);
}, 120_000);
afterAll(async () => {
  stream?.close();
  await agent.remove();
  await outside.close();
});

const open = async (): Promise<readonly Incident[]> =>
  IncidentListSchema.parse(await agent.get('/v1/incidents?limit=1000&state=OPEN')).incidents;

/** All of them show their lines, five each. */
const LINES_EACH = HOSTILE_LINES.length / INCIDENTS;
const linesOf = (index: number) => HOSTILE_LINES.slice(index * LINES_EACH, (index + 1) * LINES_EACH);

describe('forty incidents at once, each of five lines that want to be more than text', () => {
  it('are told in a digest, each is on PagerDuty once, and Slack never has to ask for patience', async () => {
    const everybody = ['slack', 'pagerduty', 'email', 'webhook', 'ticket'].map((kind) => `kind:${kind}`);
    const policy = {
      id: 'everybody',
      name: 'everybody',
      rules: [{ name: 'all of it', match: {}, tell: [{ to: everybody }] }],
    };
    expect(await agent.post('/v1/routing', policy)).toMatchObject({ status: 201 });
    const firstMs = Math.floor(Date.now() / 1000) * 1000 - (INCIDENTS + 2) * APART_MS;
    for (let index = 0; index < INCIDENTS; index++)
      await breakDown(agent, {
        service: `service-${String(index).padStart(2, '0')}`,
        onsetMs: firstMs + index * APART_MS,
        errors: linesOf(index),
      });
    const incidents = await eventually('forty incidents', 120_000, async () => {
      const found = await open();
      return found.length >= INCIDENTS ? found : undefined;
    });
    process.stderr.write(`${incidents.length} incidents: ${incidents.map(({ severity }) => severity).join(' ')}\n`);
    expect(incidents).toHaveLength(INCIDENTS);
    await eventually('everything to be told', 300_000, async () => {
      const isTold =
        outside.pagerDuty.opened === INCIDENTS &&
        outside.slack.top.some(({ text }) => /\d+ incidents at once/.test(text));
      const said = JSON.stringify(outside.slack.top);
      return isTold && incidents.every(({ key }) => said.includes(key) || said.includes('more in the console'))
        ? true
        : undefined;
    });
    process.stderr.write(`Slack: ${outside.slack.top.map(({ text }) => text.slice(0, 70)).join(' | ')}\n`);
    expect(outside.slack.rateLimitHits).toBe(0);
    expect(outside.slack.problems).toEqual([]);
    expect(outside.slack.top.length).toBeLessThanOrEqual(12);
    expect(
      outside.pagerDuty.events.filter(({ event_action }) => event_action === 'trigger').length,
    ).toBeGreaterThanOrEqual(INCIDENTS);
    expect(outside.pagerDuty.open.size).toBe(INCIDENTS);
  }, 600_000);

  it('say what the lines say in every channel, and make of them no mention, no link and no element', async () => {
    await eventually('the receiver of webhooks, the mails and the tickets', 240_000, async () =>
      outside.receiver.deliveries.size >= INCIDENTS &&
      outside.smtp.mails.length > 0 &&
      outside.tickets.issues.length >= INCIDENTS
        ? true
        : undefined,
    );
    const { anomalies } = AnomalyListSchema.parse(await agent.get('/v1/anomalies?limit=1000'));
    const shown = new Set(
      anomalies.flatMap(({ raw_data_sample }) => raw_data_sample.map(({ message }) => message.slice(0, 60))),
    );
    const kept = HOSTILE_LINES.filter((line) => shown.has(line.toWellFormed().slice(0, 60))).length;
    process.stderr.write(`${kept} of ${HOSTILE_LINES.length} hostile lines are samples of anomalies\n`);
    expect(kept).toBeGreaterThan(HOSTILE_LINES.length / 2);

    for (const message of outside.slack.messages) {
      expect(blockKitProblems(message)).toEqual([]);
      for (const markup of slackMarkup(message)) expect(markup).toMatch(OUR_SLACK_LINK);
      expect(JSON.stringify(message.blocks).replaceAll(CONSOLE_URL, '')).not.toMatch(LINK_OR_MENTION);
    }
    for (const { links, payload } of outside.pagerDuty.events) {
      expect(payload.summary).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
      for (const { href } of links ?? []) expect(href.startsWith(`${CONSOLE_URL}/#/incidents/`)).toBe(true);
    }
    for (const mail of outside.smtp.mails) {
      const [head, ...parts] = quotedPrintable(mail).split('\r\n\r\n');
      expect(head).not.toMatch(/^(bcc|cc|x-injected):/im);
      const html = parts.join('\n\n');
      for (const [, href] of html.matchAll(/href="([^"]*)"/g)) expect(href.startsWith(CONSOLE_URL)).toBe(true);
      expect(html).not.toMatch(/<(script|img|svg|iframe|form|style|input)\b/i);
    }
    expect(outside.receiver.badSignatures).toBe(0);
    for (const [{ body }] of outside.receiver.deliveries.values())
      expect(() => JSON.parse(body) as unknown).not.toThrow();
    expect(outside.tickets.issues).toHaveLength(INCIDENTS);
    for (const { title, body } of outside.tickets.issues)
      for (const text of [title, body.replaceAll(new RegExp(`${CONSOLE_URL}/#/incidents/[0-9a-f-]{36}`, 'g'), '')]) {
        expect(text).not.toMatch(LINK_OR_MENTION);
        expect(text).not.toMatch(/[<>`*[\]{}|]|@\w|#\w/);
      }
    expect(stream.unreadable).toEqual([]);
    expect(stream.incidents.size).toBe(INCIDENTS);
    const shipped = new Set(shippedRunbooks().map(({ body }) => body.title));
    for (const { incident_id } of (await open()).slice(0, 10)) {
      const { runbooks } = IncidentDetailSchema.parse(await agent.get(`/v1/incidents/${incident_id}`));
      for (const { title } of runbooks) expect(shipped).toContain(title);
      // What the language model would be asked, were there a key.
      const { user } = PreviewSchema.parse(await agent.get(`/v1/incidents/${incident_id}/analysis/preview`));
      expect(user).toMatch(/^<facts>\n(\d+\. [^<>\p{Cc}\u2028\u2029]*\n)+<\/facts>$/u);
    }
    // What was meant for a shell or a database has reached neither.
    expect(await agent.runToEnd('audit', 'verify', `--data-dir=${agent.dataDir}`)).toMatchObject({ code: 0 });
    expect((await open()).length).toBe(INCIDENTS);
  }, 420_000);
});

const PreviewSchema = z.object({ user: z.string() });
const OUR_SLACK_LINK = new RegExp(`^<${CONSOLE_URL}/#/incidents/[0-9a-f-]{36}\\|[^|>]+>$`);
/** What stands in preformatted text is not parsed; slackMarkup has looked at the rest. */
const LINK_OR_MENTION = /:\/\/|www\.|@(channel|here|everyone)|javascript:/i;

function quotedPrintable(mail: string): string {
  return mail
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
