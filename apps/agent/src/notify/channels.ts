import type { ChannelKind, ChannelSettingsOf } from '@sentinellog/shared';
import type { Channel, ChannelTools, ChannelType, Secrets } from './channel.ts';
import { email } from './channels/email.ts';
import { pagerduty } from './channels/pagerduty.ts';
import { slack } from './channels/slack.ts';
import { slackWebhook } from './channels/slack-webhook.ts';
import { ticket } from './channels/ticket.ts';
import { webhook } from './channels/webhook.ts';

/** Every kind of channel: one file and one line each. */
const TYPES: { readonly [Kind in ChannelKind]: ChannelType<Kind> } = {
  slack,
  slack_webhook: slackWebhook,
  pagerduty,
  email,
  webhook,
  ticket,
};

/** @param settings and `secrets` have been checked to belong together */
export function openChannel<Kind extends ChannelKind>(
  settings: ChannelSettingsOf<Kind>,
  secrets: Secrets,
  tools: ChannelTools,
): Channel {
  const type: ChannelType<Kind> = TYPES[settings.kind];
  return type.open(settings, secrets, tools);
}
