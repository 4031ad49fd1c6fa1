import type { ChannelSettingsOf } from '@sentinellog/shared';
import { z } from 'zod';
import type { Channel, ChannelTools, ChannelType, Message, OutwardRequest, Receipt } from '../channel.ts';
import { DeliveryFailure, failureOfStatus } from '../delivery-failure.ts';
import { alertsOf, sentenceOf, stateOf, titleOf, utcClock } from '../incident-words.ts';
import { oneLine, unlinked } from '../plain-words.ts';

type Settings = ChannelSettingsOf<'ticket'>;

const RefSchema = z.object({ ticket: z.string() });

/** A ticket an incident: made when it opens, commented on through its life, closed when it is resolved. */
export const ticket: ChannelType<'ticket'> = {
  kind: 'ticket',
  open: (settings, secrets, tools) => new TicketChannel(DESKS[settings.shape](settings, secrets['token'], tools)),
};

const DESKS: Readonly<
  Record<Settings['shape'], (settings: Settings, token: string, tools: ChannelTools) => TicketDesk>
> = {
  github: (settings, token, tools) => new GitHubDesk(settings, token, tools),
  jira: (settings, token, tools) => new JiraDesk(settings, token, tools),
};

/** What differs between the systems. */
interface TicketDesk {
  /** Id of the ticket that carries this mark; null when there is none. */
  find(mark: string, signal: AbortSignal): Promise<string | null>;
  create(words: TicketWords, mark: string, signal: AbortSignal): Promise<string>;
  comment(id: string, text: string, signal: AbortSignal): Promise<void>;
  setOpen(id: string, isOpen: boolean, signal: AbortSignal): Promise<void>;
}
interface TicketWords {
  readonly title: string;
  readonly body: string;
}

class TicketChannel implements Channel {
  readonly stormLimit = null;
  readonly #desk: TicketDesk;

  constructor(desk: TicketDesk) {
    this.#desk = desk;
  }

  async deliver(message: Message, signal: AbortSignal): Promise<Receipt> {
    const { notice } = message;
    const known = RefSchema.safeParse(message.ref);
    if (!known.success) return this.#open(message, signal);
    const id = known.data.ticket;
    await this.#desk.comment(id, said(sentenceOf(notice), 1000), signal);
    if (notice.transition === 'resolved') await this.#desk.setOpen(id, false, signal);
    if (notice.transition === 'reopened') await this.#desk.setOpen(id, true, signal);
    return { messageId: id, ref: null };
  }

  async #open({ notice, inDoubt }: Message, signal: AbortSignal): Promise<Receipt> {
    // A ticket for what is over already would only have to be closed.
    if (notice.transition === 'resolved') return { messageId: 'none', ref: null };
    const mark = `sentinellog-${notice.incident.incident_id}`;
    const found = inDoubt ? await this.#desk.find(mark, signal) : null;
    const id = found ?? (await this.#desk.create(wordsOf(notice), mark, signal));
    return { messageId: id, ref: { ticket: id } };
  }
}

function wordsOf(notice: Message['notice']): TicketWords {
  const { incident, consoleUrl, runbook, because } = notice;
  const lines = [
    said(sentenceOf(notice), 500),
    `State: ${said(stateOf(incident), 200)}, since ${utcClock(incident.started_at_ms)}`,
    `Where: ${said(alertsOf(incident), 300)}`,
    `First to move: ${said(incident.first_mover.service, 80)}: ${said(incident.first_mover.reason, 300)}`,
    ...(runbook === null ? [] : [`Runbook: ${said(runbook.title, 200)}`]),
    `Told because: ${said(because, 300)}`,
    ...notice.samples.slice(0, 5).map(({ message }) => `    ${said(message, 500)}`),
    ...(consoleUrl === null ? [] : [`Console: ${consoleUrl}`]),
  ];
  return { title: said(titleOf(notice, 200), 250), body: lines.join('\n\n') };
}

/** Nothing in it is Markdown, wiki markup, HTML, a mention or a reference to another ticket. */
function said(text: string, limit: number): string {
  return unlinked(oneLine(text, limit))
    .replaceAll(/[\\`*_{}[\]<>|~!^+]/g, (mark) => LOOKALIKES[mark])
    .replaceAll(/[#@](?=\w)/g, (mark) => `${mark}\u200B`);
}
const LOOKALIKES: Readonly<Record<string, string>> = {
  '\\': '⧵',
  '`': 'ˋ',
  '*': '∗',
  _: '＿',
  '{': '｛',
  '}': '｝',
  '[': '［',
  ']': '］',
  '<': '‹',
  '>': '›',
  '|': '∣',
  '~': '∼',
  '!': '！',
  '^': 'ˆ',
  '+': '＋',
};

class JsonApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #tools: ChannelTools;

  constructor(base: string, headers: Readonly<Record<string, string>>, tools: ChannelTools) {
    this.#base = base.replace(/\/+$/, '');
    this.#headers = headers;
    this.#tools = tools;
  }

  async call(method: OutwardRequest['method'], path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#tools.fetch(this.#base + path, {
      method,
      headers: { accept: 'application/json', 'content-type': 'application/json', ...this.#headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
    });
    const failure = failureOfStatus(answer.status, answer.headers, new URL(this.#base).host);
    if (failure !== null) throw failure;
    if (answer.text === '') return null;
    try {
      return JSON.parse(answer.text) as unknown;
    } catch (error) {
      const text = `${new URL(this.#base).host} did not answer with JSON: check the address`;
      throw new DeliveryFailure('broken', text, { reason: 'bad_answer' }, { cause: error });
    }
  }
}

class GitHubDesk implements TicketDesk {
  readonly #api: JsonApi;
  readonly #repository: string;

  constructor({ url, project }: Settings, token: string, tools: ChannelTools) {
    this.#api = new JsonApi(url, { authorization: `Bearer ${token}`, 'x-github-api-version': '2022-11-28' }, tools);
    this.#repository = `/repos/${project}/issues`;
  }

  async find(mark: string, signal: AbortSignal): Promise<string | null> {
    const path = `${this.#repository}?state=all&labels=${encodeURIComponent(labelOf(mark))}`;
    const found = z.array(z.object({ number: z.number() })).parse(await this.#api.call('GET', path, undefined, signal));
    return found[0] === undefined ? null : String(found[0].number);
  }

  async create({ title, body }: TicketWords, mark: string, signal: AbortSignal): Promise<string> {
    const issue = await this.#api.call('POST', this.#repository, { title, body, labels: [labelOf(mark)] }, signal);
    return String(z.object({ number: z.number() }).parse(issue).number);
  }

  async comment(id: string, text: string, signal: AbortSignal): Promise<void> {
    await this.#api.call('POST', `${this.#repository}/${id}/comments`, { body: text }, signal);
  }

  async setOpen(id: string, isOpen: boolean, signal: AbortSignal): Promise<void> {
    await this.#api.call('PATCH', `${this.#repository}/${id}`, { state: isOpen ? 'open' : 'closed' }, signal);
  }
}

/** GitHub takes labels of at most 50 characters: `sentinellog-` and a UUID are 48. */
function labelOf(mark: string): string {
  return mark.slice(0, 50);
}

class JiraDesk implements TicketDesk {
  readonly #api: JsonApi;
  readonly #settings: Settings;

  constructor(settings: Settings, token: string, tools: ChannelTools) {
    const { user } = settings;
    const credentials =
      user === undefined ? `Bearer ${token}` : `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`;
    this.#api = new JsonApi(settings.url, { authorization: credentials }, tools);
    this.#settings = settings;
  }

  async find(mark: string, signal: AbortSignal): Promise<string | null> {
    const jql = encodeURIComponent(`labels = "${mark}"`);
    const path = `/rest/api/2/search?jql=${jql}&fields=key&maxResults=1`;
    const answer = await this.#api.call('GET', path, undefined, signal);
    return z.object({ issues: z.array(z.object({ key: z.string() })) }).parse(answer).issues[0]?.key ?? null;
  }

  async create({ title, body }: TicketWords, mark: string, signal: AbortSignal): Promise<string> {
    const { project, issueType } = this.#settings;
    const fields = {
      project: { key: project },
      issuetype: { name: issueType },
      summary: title,
      description: body,
      labels: [mark],
    };
    const issue = await this.#api.call('POST', '/rest/api/2/issue', { fields }, signal);
    return z.object({ key: z.string() }).parse(issue).key;
  }

  async comment(id: string, text: string, signal: AbortSignal): Promise<void> {
    await this.#api.call('POST', `/rest/api/2/issue/${encodeURIComponent(id)}/comment`, { body: text }, signal);
  }

  /** Which transition closes is the project's own affair: without the setting the comment has to do. */
  async setOpen(id: string, isOpen: boolean, signal: AbortSignal): Promise<void> {
    const { closeTransition } = this.#settings;
    if (isOpen || closeTransition === undefined) return;
    const path = `/rest/api/2/issue/${encodeURIComponent(id)}/transitions`;
    await this.#api.call('POST', path, { transition: { id: closeTransition } }, signal);
  }
}
