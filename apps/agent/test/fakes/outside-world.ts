/** Slack, PagerDuty, a mail server, a receiver of webhooks and a tracker of issues, and how a real agent is told of them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakePagerDuty, ROUTING_KEY } from './fake-pagerduty.ts';
import { FakeReceiver, SIGNING_SECRET } from './fake-receiver.ts';
import { FakeSlack } from './fake-slack.ts';
import { FakeSmtp } from './fake-smtp.ts';
import { FakeTickets, TICKET_PROJECT } from './fake-tickets.ts';
import { FAULTS } from './faulty-server.ts';

export const CONSOLE_URL = 'https://sentinellog.example.com';
/** Mia has a Slack account that the channel knows. */
export const MIA_IN_SLACK = 'U0MIA';
const SLACK_CHANNEL = 'C0123456789';

/** Secrets go in by environment, as they do in a cluster. */
export const SECRETS = {
  STORY_SLACK_BOT: 'xoxb-test',
  STORY_SLACK_APP: 'xapp-test',
  STORY_PAGERDUTY: ROUTING_KEY,
  STORY_WEBHOOK: SIGNING_SECRET,
  STORY_TICKETS: 'ghp_test',
};

export class OutsideWorld {
  readonly slack: FakeSlack;
  readonly pagerDuty: FakePagerDuty;
  readonly smtp: FakeSmtp;
  readonly receiver: FakeReceiver;
  readonly tickets: FakeTickets;

  private constructor(
    slack: FakeSlack,
    pagerDuty: FakePagerDuty,
    smtp: FakeSmtp,
    receiver: FakeReceiver,
    tickets: FakeTickets,
  ) {
    this.slack = slack;
    this.pagerDuty = pagerDuty;
    this.smtp = smtp;
    this.receiver = receiver;
    this.tickets = tickets;
  }

  static async open(): Promise<OutsideWorld> {
    Object.assign(process.env, SECRETS);
    return new OutsideWorld(
      await FakeSlack.open(),
      await FakePagerDuty.open(),
      await FakeSmtp.open(),
      await FakeReceiver.open(),
      await FakeTickets.open(),
    );
  }

  async close(): Promise<void> {
    for (const name of Object.keys(SECRETS)) delete process.env[name];
    const all = [this.slack, this.pagerDuty, this.smtp, this.receiver, this.tickets];
    await Promise.all(all.map((one) => one.close()));
  }

  /** Options of the start command; JSON is YAML. @param more other settings of the configuration */
  startOptions(dir: string, more: object = {}): readonly string[] {
    const file = join(dir, 'agent.json.yaml');
    const email = {
      kind: 'email',
      host: '127.0.0.1',
      port: this.smtp.port,
      security: 'none',
      from: 'sentinellog@example.com',
      to: ['ops@example.com'],
    };
    const slack = {
      kind: 'slack',
      channel: SLACK_CHANNEL,
      apiUrl: this.slack.apiUrl,
      people: { [MIA_IN_SLACK]: 'Mia' },
      timeZone: 'Europe/Berlin',
    };
    writeFileSync(
      file,
      JSON.stringify({
        ...more,
        agent: { name: 'Europe', code: 'EU' },
        notify: { consoleUrl: CONSOLE_URL, allowPrivateHosts: ['127.0.0.1'] },
        channels: [
          {
            id: 'slack',
            name: 'Slack #incidents',
            settings: slack,
            secrets: { botToken: { env: 'STORY_SLACK_BOT' }, appToken: { env: 'STORY_SLACK_APP' } },
          },
          {
            id: 'pagerduty',
            name: 'PagerDuty',
            settings: { kind: 'pagerduty', url: this.pagerDuty.http.url },
            secrets: { routingKey: { env: 'STORY_PAGERDUTY' } },
          },
          { id: 'mail', name: 'Mail', settings: email },
          {
            id: 'hook',
            name: 'Webhook',
            settings: { kind: 'webhook', url: this.receiver.http.url },
            secrets: { signingSecret: { env: 'STORY_WEBHOOK' } },
          },
          {
            id: 'tickets',
            name: 'Tickets',
            settings: { kind: 'ticket', shape: 'github', url: this.tickets.http.url, project: TICKET_PROJECT },
            secrets: { token: { env: 'STORY_TICKETS' } },
          },
        ],
      }),
    );
    return ['--config', file];
  }

  /** Each channel is at another fault; with the next turn all of them change. */
  breakAll(turn: number): void {
    const faults = FAULTS.filter((fault) => fault !== 'none' && fault !== 'redirect');
    const at = (channel: number) => faults[(turn + channel) % faults.length];
    this.slack.http.fault = at(0);
    this.pagerDuty.http.fault = at(1);
    this.receiver.http.fault = at(2);
    this.smtp.refuseWith = turn % 2 === 0 ? 421 : 0;
    this.smtp.isHanging = turn % 2 === 1;
  }

  mendAll(): void {
    for (const { http } of [this.slack, this.pagerDuty, this.receiver]) http.fault = 'none';
    this.smtp.refuseWith = 0;
    this.smtp.isHanging = false;
  }

  /** Mia presses a button of ours; resolves when the agent has acknowledged the click to Slack. */
  click(action: { readonly action_id: string; readonly value?: string; readonly selected_option?: object }) {
    return this.slack.click({
      type: 'block_actions',
      user: { id: MIA_IN_SLACK },
      channel: { id: SLACK_CHANNEL },
      container: { type: 'message', channel_id: SLACK_CHANNEL },
      actions: [{ action_ts: String(performance.now()), ...action }],
    });
  }
}
