import type { ChannelSettings } from '@sentinellog/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentNotice, Transition } from '../../src/pipeline/delivery.ts';
import { digestMail, incidentMail } from '../../src/notify/mail-message.ts';
import { openChannel } from '../../src/notify/channels.ts';
import type { OutwardRequest } from '../../src/notify/channel.ts';
import { digestMessage, incidentMessage, threadMessage } from '../../src/notify/slack/slack-message.ts';
import { anIncident, aNotice } from '../../src/notify/testing/a-notice.ts';
import { blockKitProblems, slackMarkup } from '../fakes/block-kit.ts';
import { FakeSmtp } from '../fakes/fake-smtp.ts';
import { HOSTILE_LINES } from './hostile-lines.ts';

const CONSOLE = 'https://sentinellog.example.com/#/incidents/1';

/** The line wherever log data can come to stand. */
function poisoned(line: string, transition: Transition = 'opened'): IncidentNotice {
  const incident = anIncident({
    title: line,
    services: [line, line],
    acked_by: line,
    resolved_by: line,
    state: transition === 'acknowledged' ? 'ACK' : 'OPEN',
    first_mover: { source_id: '', service: line, event_id: '', at_ms: 0, reason: line },
    alerts: anIncident().alerts.map((alert) => ({ ...alert, service: line, reason: line })),
  });
  return aNotice(transition, {
    incident,
    headline: line,
    because: line,
    samples: [{ at_ms: 0, level: line, message: line, service: line, trace_id: line }],
    topClusters: [{ name: line, share: 0.5, isNew: true }],
    runbook: { id: 'r', title: line },
    analysis: {
      by: 'claude',
      at_ms: 0,
      summary: line,
      hypotheses: [{ cause: line, confidence: 'low', evidence: [line] }],
      affected_services: [line],
      steps: [line, line],
    },
    consoleUrl: CONSOLE,
  });
}

describe('two hundred hostile log lines', () => {
  it('are two hundred', () => expect(HOSTILE_LINES).toHaveLength(200));

  it.each(HOSTILE_LINES.map((line) => [line.slice(0, 40), line]))(
    'Slack: %j makes no mention and no link',
    (_, line) => {
      const messages = [
        incidentMessage(poisoned(line), true),
        incidentMessage(poisoned(line, 'acknowledged'), true),
        threadMessage(poisoned(line, 'acknowledged')),
        threadMessage(poisoned(line, 'escalated')),
        digestMessage(Array.from({ length: 40 }, () => poisoned(line))),
      ];
      for (const message of messages) {
        expect(blockKitProblems(message)).toEqual([]);
        const foreign = slackMarkup(message).filter((markup) => !markup.startsWith(`<${CONSOLE}|`));
        expect(foreign).toEqual([]);
        const text = JSON.stringify(message).replaceAll(CONSOLE, '');
        expect(text).not.toMatch(/:\/\/|www\.|@(channel|here|everyone)|javascript:/i);
      }
    },
  );

  it.each(HOSTILE_LINES.map((line) => [line.slice(0, 40), line]))('mail: %j makes no element, no link', (_, line) => {
    for (const mail of [incidentMail(poisoned(line)), digestMail([poisoned(line), poisoned(line)])]) {
      expect(mail.subject).not.toMatch(/[\r\n]/);
      const elements = new Set([...mail.html.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1].toLowerCase()));
      for (const element of elements) expect(OUR_ELEMENTS).toContain(element);
      const links = [...mail.html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
      expect(links.every((href) => href === CONSOLE)).toBe(true);
      expect((mail.text + mail.html).replaceAll(CONSOLE, '')).not.toMatch(/:\/\/|www\.|javascript:/i);
    }
  });

  it.each(HOSTILE_LINES.map((line) => [line.slice(0, 40), line]))(
    'PagerDuty and tickets: %j stays data',
    async (_, line) => {
      const sent: { readonly url: string; readonly request: OutwardRequest }[] = [];
      const tools = {
        now: () => 0,
        fetch: (url: string, request: OutwardRequest) => {
          sent.push({ url, request });
          return Promise.resolve({ status: 202, headers: {}, text: '{"number":1,"key":"OPS-1"}' });
        },
      };
      const pagerduty = { kind: 'pagerduty', url: 'https://events.pagerduty.com/v2/enqueue' } as const;
      const github = {
        kind: 'ticket',
        shape: 'github',
        url: 'https://api.github.com',
        project: 'acme/ops',
        issueType: 'Bug',
      } as const;
      const signal = new AbortController().signal;
      const message = { notice: poisoned(line), key: 'k', inDoubt: false, ref: null };
      await openChannel(pagerduty, { routingKey: 'r' }, tools).deliver(message, signal);
      await openChannel(github, { token: 't' }, tools).deliver(message, signal);
      const [page, ticket] = sent.map(({ request }) => JSON.parse(String(request.body)) as Record<string, unknown>);
      expect(page).toMatchObject({ event_action: 'trigger', links: [{ href: CONSOLE }] });
      expect((page['payload'] as { summary: string }).summary).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
      const words = JSON.stringify(ticket).replaceAll(CONSOLE, '');
      expect(words).not.toMatch(/:\/\/|[<>`*[\]]{2}|\]\(|@[a-z]|#\d/i);
    },
  );
});

const OUR_ELEMENTS = ['html', 'body', 'h2', 'table', 'tr', 'th', 'td', 'pre', 'a', 'p', 'ul', 'li'];

describe('a mail on the wire', () => {
  let smtp: FakeSmtp;
  beforeAll(async () => {
    smtp = await FakeSmtp.open();
  });
  afterAll(() => smtp.close());

  it('has the headers that were meant, whatever the log says', async () => {
    const settings: ChannelSettings = {
      kind: 'email',
      host: '127.0.0.1',
      port: smtp.port,
      security: 'none',
      from: 'sentinellog@example.com',
      to: ['ops@example.com'],
    };
    const tools = { now: () => 0, fetch: () => Promise.reject(new Error('mail fetches nothing')) };
    const channel = openChannel(settings, {}, tools);
    for (const line of HOSTILE_LINES.filter((each) => /[\r\n]/.test(each) && each.length < 200)) {
      const message = { notice: poisoned(line), key: line, inDoubt: false, ref: null };
      await channel.deliver(message, AbortSignal.timeout(5000));
      const head = (smtp.mails.at(-1) ?? '').split('\r\n\r\n')[0];
      const names = [...head.matchAll(/^([A-Za-z-]+):/gm)].map((match) => match[1].toLowerCase());
      expect(names.toSorted()).toEqual([
        'auto-submitted',
        'content-type',
        'date',
        'from',
        'list-id',
        'message-id',
        'mime-version',
        'precedence',
        'references',
        'subject',
        'to',
        'x-auto-response-suppress',
      ]);
    }
  });
});
