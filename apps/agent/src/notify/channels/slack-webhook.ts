import type { ChannelType, Message } from '../channel.ts';
import { failureOfStatus } from '../delivery-failure.ts';
import { Pace } from '../pace.ts';
import { digestMessage, incidentMessage, type SlackContent, threadMessage } from '../slack/slack-message.ts';

const GAP_MS = 1050;
const STORM_LIMIT = 8;

/**
 * Slack by an incoming webhook alone: the least to set up. Such a webhook gives no id back, so nothing can be edited and
 * no button works; each transition is a message of its own.
 */
export const slackWebhook: ChannelType<'slack_webhook'> = {
  kind: 'slack_webhook',
  open: (_settings, secrets, { fetch }) => {
    const pace = new Pace(GAP_MS, () => performance.now());
    const post = async (content: SlackContent, key: string, signal: AbortSignal) => {
      const body = JSON.stringify({ ...content, unfurl_links: false, unfurl_media: false });
      const headers = { 'content-type': 'application/json' };
      const answer = await pace.run(signal, () => fetch(secrets['url'], { method: 'POST', headers, body, signal }));
      const failure = failureOfStatus(answer.status, answer.headers, 'Slack');
      if (failure !== null) throw failure;
      return { messageId: key, ref: null };
    };
    return {
      stormLimit: STORM_LIMIT,
      deliver: (message, signal) => post(contentOf(message), message.key, signal),
      digest: (messages, signal) => post(digestMessage(messages.map(({ notice }) => notice)), messages[0].key, signal),
    };
  },
};

function contentOf({ notice }: Message): SlackContent {
  if (notice.transition === 'opened' || notice.transition === 'reopened' || notice.transition === 'escalated') {
    return incidentMessage(notice, false);
  }
  const { text, blocks } = threadMessage(notice);
  const whole = incidentMessage(notice, false);
  return { text: `${whole.text}: ${text}`, blocks: [whole.blocks[0], ...blocks] };
}
