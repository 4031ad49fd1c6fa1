/**
 * R6 on the whole agent: services break while no channel takes a message, the agent is killed again and again, and in the
 * end everybody has heard of every incident. The notifier alone, in more depth: ../notify/outage-campaign.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Incident, IncidentListSchema } from '@sentinellog/shared';
import { z } from 'zod';
import { AgentProcess, eventually } from './agent-process.ts';
import { APART_MS, breakDown } from './breaking-services.ts';
import { OutsideWorld } from '../fakes/outside-world.ts';

export interface AgentOutageOptions {
  readonly incidents: number;
  readonly outageMs: number;
  readonly kills: number;
  /** After the outage, for what waits (a message a second in Slack). */
  readonly drainMs: number;
  readonly say: (line: string) => void;
}

export interface AgentOutageResult {
  readonly incidents: number;
  readonly pagerDuty: { readonly opened: number; readonly resolved: number; readonly stillOpen: number };
  /** Incidents that are neither in a message nor in a digest, and messages that told of one a second time. */
  readonly slack: {
    readonly missing: number;
    readonly repeats: number;
    readonly problems: readonly string[];
    readonly rateLimitHits: number;
  };
  readonly mail: { readonly missing: number };
  readonly webhook: { readonly missing: number; readonly repeats: number };
  readonly badAudit: string | null;
}

/** The oldest may have broken so long ago and is still news to the desk (incident/desk.ts: an hour). */
const LONGEST_AGO_MS = 56 * 60_000;
const FAULT_TURNS = 10;
const EVERYBODY = ['kind:slack', 'kind:pagerduty', 'kind:email', 'kind:webhook'];

export async function runAgentOutage(options: AgentOutageOptions): Promise<AgentOutageResult> {
  const { incidents: count, outageMs, kills, drainMs, say } = options;
  const outside = await OutsideWorld.open();
  const agent = new AgentProcess();
  const start = () => agent.start(...outside.startOptions(agent.dataDir));
  const list = async (): Promise<readonly Incident[]> =>
    IncidentListSchema.parse(await agent.get('/v1/incidents?limit=1000')).incidents;
  try {
    await start();
    const policy = { id: 'all', name: 'all', rules: [{ name: 'all', match: {}, tell: [{ to: EVERYBODY }] }] };
    const made = await agent.post('/v1/routing', policy);
    if (made.status !== 201) throw new Error(`the policy was answered with ${made.status}`);
    const beganMs = Date.now();
    const firstMs = Math.floor(beganMs / 1000) * 1000 - Math.min(LONGEST_AGO_MS, (count + 2) * APART_MS);
    const killAt = new Set(Array.from({ length: kills }, (_, index) => Math.floor(((index + 0.5) * count) / kills)));
    for (let index = 0; index < count; index++) {
      outside.breakAll(Math.floor((index * FAULT_TURNS) / count));
      const service = `service-${String(index).padStart(3, '0')}`;
      await breakDown(agent, {
        service,
        onsetMs: firstMs + index * APART_MS,
        errors: [`${service} lost its database`],
      });
      await sleep(Math.max(0, beganMs + ((index + 1) * outageMs) / count - Date.now()));
      if (!killAt.has(index)) continue;
      await agent.kill9();
      await start();
      say(`killed and started again after ${index + 1} of ${count}`);
    }
    outside.mendAll();
    const found = await eventually(`${count} incidents`, drainMs, async () => {
      const now = await list();
      return now.length >= count ? now : undefined;
    });
    say(`${found.length} incidents; all channels are back`);
    for (const { incident_id } of found) {
      // While the database is away the answer is 503, and people press again.
      await eventually(`${incident_id} resolved`, drainMs, async () => {
        const body = { force: true, holdMs: 0, resolution: 'fixed' };
        const { status } = await agent.post(`/v1/incidents/${incident_id}/resolve`, body);
        return status === 200 ? true : undefined;
      });
    }
    const endMs = Date.now() + drainMs;
    const isLeft = () =>
      outside.pagerDuty.resolved < count ||
      [missing(outside, found), unmailed(outside, found), unhooked(outside, found)].some((left) => left > 0);
    while (isLeft() && Date.now() < endMs) await sleep(250);
    const audit = await agent.runToEnd('audit', 'verify', `--data-dir=${agent.dataDir}`);
    const { opened, resolved, open } = outside.pagerDuty;
    const { problems, rateLimitHits } = outside.slack;
    return {
      incidents: (await list()).length,
      pagerDuty: { opened, resolved, stillOpen: open.size },
      slack: { missing: missing(outside, found), repeats: repeats(outside), problems, rateLimitHits },
      mail: { missing: unmailed(outside, found) },
      webhook: { missing: unhooked(outside, found), repeats: outside.receiver.repeats },
      badAudit: audit.code === 0 ? null : audit.output,
    };
  } finally {
    await agent.remove();
    await outside.close();
  }
}

/** A digest names thirty and counts the others: those stand for as many as it says. */
function missing({ slack }: OutsideWorld, incidents: readonly Incident[]): number {
  const said = slack.top.map(({ blocks }) => JSON.stringify(blocks)).join('\n');
  const unnamed = incidents.filter(({ key }) => !said.includes(key)).length;
  const counted = [...said.matchAll(/and (\d+) more in the console/g)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  return Math.max(0, unnamed - counted);
}

/** First messages and digests carry the keys of the deliveries they stand for. */
function repeats({ slack }: OutsideWorld): number {
  const keys = slack.top.flatMap(({ metadata }) => SlackKeysSchema.parse(metadata).event_payload.keys);
  return keys.length - new Set(keys).size;
}

const SlackKeysSchema = z.object({ event_payload: z.object({ keys: z.array(z.string()) }) });

function unmailed({ smtp }: OutsideWorld, incidents: readonly Incident[]): number {
  const said = smtp.mails.join('\n').replaceAll('=\r\n', '');
  return incidents.filter(({ key }) => !said.includes(key)).length;
}

function unhooked({ receiver }: OutsideWorld, incidents: readonly Incident[]): number {
  const said = [...receiver.deliveries.values()]
    .flat()
    .map(({ body }) => body)
    .join('\n');
  return incidents.filter(({ key }) => !said.includes(key)).length;
}
