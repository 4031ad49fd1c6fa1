import type { ChannelKind } from '@sentinellog/shared';
import type { AnyChannelType, ChannelType } from './channel.ts';
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

/** The type of a kind that is known only at run time; settings of another kind are refused. */
export function channelTypeOf<Kind extends ChannelKind>(kind: Kind): AnyChannelType {
  const type: ChannelType<Kind> = TYPES[kind];
  return {
    kind,
    open: (settings, secrets, tools) => {
      if (settings.kind !== kind) throw new TypeError(`settings of ${settings.kind} given to ${kind}`);
      return type.open(settings as Parameters<typeof type.open>[0], secrets, tools);
    },
  };
}
