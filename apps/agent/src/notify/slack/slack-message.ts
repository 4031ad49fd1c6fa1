/** The Block Kit message of an incident: what, how much against normal, since when, where to look first, what to do. */
import type { KnownBlock, RichTextBlockElement } from '@slack/web-api';
import type { Incident } from '@sentinellog/shared';
import type { IncidentNotice } from '../../pipeline/delivery.ts';
import { alertsOf, sentenceOf, stateOf, titleOf, utcClock } from '../incident-words.ts';
import { cut, oneLine, unlinked } from '../plain-words.ts';
import { SILENCE_CHOICES, slackAction } from './slack-actions.ts';
import { slackText } from './slack-text.ts';

/** Slack's limits (docs.slack.dev, Block Kit reference); the tests hold every message to all of them. */
const HEADER_CHARACTERS = 150;
const SAMPLE_CHARACTERS = 300;
const MAX_SAMPLES = 5;
const MAX_CLUSTERS = 5;
/** A digest names so many; the rest is a number. */
const DIGEST_LINES = 30;

export interface SlackContent {
  /** What a notification, a screen reader and an old client show. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** @param canAct whether a click can reach this agent: buttons that do nothing are worse than none */
export function incidentMessage(notice: IncidentNotice, canAct: boolean): SlackContent {
  const { incident } = notice;
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: unlinkedTitle(notice), emoji: false } },
    section(factsOf(notice)),
    ...firstMoverOf(incident),
    ...clustersOf(notice),
    ...samplesOf(notice),
    ...adviceOf(notice),
    ...(canAct && incident.state !== 'RESOLVED' ? [actionsOf(notice)] : []),
    context(footOf(notice)),
  ];
  // Parsed for links and mentions wherever it is shown, unlike the plain text of the header.
  const text = `${MARKS[incident.state]} ${slackText(titleOf(notice, 300), 300)} (${slackText(stateOf(incident), 150)})`;
  return { text, blocks };
}

/** Many at once: one line each, worst first. */
export function digestMessage(notices: readonly IncidentNotice[]): SlackContent {
  const sorted = notices.toSorted((a, b) => a.incident.severity.localeCompare(b.incident.severity));
  const open = sorted.filter(({ incident }) => incident.state !== 'RESOLVED').length;
  const title = `${notices.length} incidents at once, ${open === 0 ? 'all resolved' : `${open} not resolved`}`;
  const lines = sorted.slice(0, DIGEST_LINES).map((notice) => {
    const { incident, headline, consoleUrl } = notice;
    const key = consoleUrl === null ? incident.key : link(consoleUrl, incident.key);
    return `${MARKS[incident.state]} *${incident.severity}* ${key} ${slackText(headline, 120)} _${slackText(stateOf(incident), 80)}_`;
  });
  if (sorted.length > DIGEST_LINES) lines.push(`and ${sorted.length - DIGEST_LINES} more in the console`);
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
    ...sections(lines),
    context('Sent as one message because so many opened within a minute; each is in the console.'),
  ];
  return { text: title, blocks };
}

/** One line in the thread of the message. */
export function threadMessage(notice: IncidentNotice): SlackContent {
  const text = slackText(sentenceOf(notice), 500);
  return { text, blocks: [section(text)] };
}

const MARKS: Readonly<Record<Incident['state'], string>> = { OPEN: '●', ACK: '◐', RESOLVED: '○' };

function unlinkedTitle(notice: IncidentNotice): string {
  // Breaks add characters: cut once more, after them.
  return cut(`${MARKS[notice.incident.state]} ${unlinked(titleOf(notice, HEADER_CHARACTERS - 20))}`, HEADER_CHARACTERS);
}

function factsOf({ incident }: IncidentNotice): string {
  const state = slackText(stateOf(incident), 150);
  const { silenced_until_ms, started_at_ms, peak_score } = incident;
  return [
    `*${state.slice(0, 1).toUpperCase()}${state.slice(1)}*`,
    ...(silenced_until_ms === null ? [] : [`silenced until ${utcClock(silenced_until_ms)}`]),
    `since ${utcClock(started_at_ms)}`,
    `peak ${Math.abs(peak_score).toFixed(1)} σ`,
    slackText(alertsOf(incident), 300),
  ].join(' · ');
}

function firstMoverOf({ first_mover, alerts }: Incident): KnownBlock[] {
  const what = `*First to move* ${slackText(first_mover.service, 80)} at ${utcClock(first_mover.at_ms)}: ${slackText(first_mover.reason, 300)}`;
  const others = alerts
    .filter(({ service }) => service !== first_mover.service)
    .slice(0, 4)
    .map(({ service, reason }) => `• ${slackText(service, 80)}: ${slackText(reason, 200)}`);
  return [section([what, ...others].join('\n'))];
}

function clustersOf({ topClusters }: IncidentNotice): KnownBlock[] {
  if (topClusters.length === 0) return [];
  const lines = topClusters.slice(0, MAX_CLUSTERS).map(({ name, share, isNew }) => {
    return `• ${Math.round(share * 100)} %${isNew ? ' *NEW*' : ''} ${slackText(name, 200)}`;
  });
  return [section(`*What the lines are*\n${lines.join('\n')}`)];
}

/** Preformatted rich text is never parsed: not for links, not for mentions. */
function samplesOf({ samples }: IncidentNotice): KnownBlock[] {
  if (samples.length === 0) return [];
  const lines = samples.slice(0, MAX_SAMPLES).map(({ at_ms, service, level, message }) => {
    const clock = new Date(at_ms).toISOString().slice(11, 23);
    const line = `${clock} ${oneLine(level, 10).toUpperCase()} ${oneLine(service, 40)} ${oneLine(message, SAMPLE_CHARACTERS)}`;
    return unlinked(line);
  });
  const element: RichTextBlockElement = {
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: lines.join('\n') }],
    border: 0,
  };
  return [{ type: 'rich_text', elements: [element] }];
}

function adviceOf({ runbook, analysis, consoleUrl }: IncidentNotice): KnownBlock[] {
  const lines: string[] = [];
  const likely = analysis?.hypotheses[0];
  if (likely !== undefined) lines.push(`*Likely* ${slackText(likely.cause, 300)} (${likely.confidence} confidence)`);
  if (runbook !== null) lines.push(`*Runbook* ${slackText(runbook.title, 200)}`);
  if (analysis !== null && analysis.steps.length > 0)
    lines.push(...analysis.steps.slice(0, 3).map((step, index) => `${index + 1}. ${slackText(step, 250)}`));
  // By itself: what is cut to Slack's length must never be a link.
  const open = consoleUrl === null ? [] : [section(link(consoleUrl, 'Open in the console'))];
  return lines.length === 0 ? open : [section(lines.join('\n')), ...open];
}

function actionsOf({ incident }: IncidentNotice): KnownBlock {
  const id = incident.incident_id;
  return {
    type: 'actions',
    block_id: 'sentinellog_actions',
    elements: [
      ...(incident.state === 'OPEN'
        ? [
            {
              type: 'button' as const,
              action_id: slackAction.acknowledge,
              style: 'primary' as const,
              text: { type: 'plain_text' as const, text: 'Acknowledge', emoji: false },
              value: id,
            },
          ]
        : []),
      {
        type: 'static_select',
        action_id: slackAction.silence,
        placeholder: { type: 'plain_text', text: 'Silence…', emoji: false },
        options: SILENCE_CHOICES.map(({ code, label }) => ({
          text: { type: 'plain_text', text: label, emoji: false },
          value: `${code}:${id}`,
        })),
      },
      {
        type: 'overflow',
        action_id: slackAction.more,
        options: [{ text: { type: 'plain_text', text: 'Resolve', emoji: false }, value: `resolve:${id}` }],
      },
    ],
  };
}

/** Why people are told is news with the first message and with each that somebody else is called by. */
function footOf({ incident, transition, because, cluster }: IncidentNotice): string {
  const saysWhy = because !== '' && transition !== 'updated';
  return [incident.key, slackText(cluster, 20), ...(saysWhy ? [slackText(because, 300)] : [])].join(' · ');
}

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: cut(text, 3000), verbatim: true } };
}

/** Lines over as many sections as their length asks for. */
function sections(lines: readonly string[]): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  let text = '';
  for (const line of lines) {
    if (text.length + line.length + 1 > 3000) {
      blocks.push(section(text));
      text = '';
    }
    text += text === '' ? line : `\n${line}`;
  }
  return text === '' ? blocks : [...blocks, section(text)];
}

function context(text: string): KnownBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(text, 3000), verbatim: true }] };
}

/** The only links there are: to our own console. */
function link(url: string, words: string): string {
  return `<${encodeURI(decodeURI(url)).replaceAll(/[<>|]/g, encodeURIComponent)}|${words}>`;
}
