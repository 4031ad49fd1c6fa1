/** Slack's limits on messages (docs.slack.dev/reference/block-kit), as far as our blocks can meet them. */
import { z } from 'zod';

const plain = (limit: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(limit), emoji: z.boolean().optional() });
const mrkdwn = (limit: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(limit),
    // Without it Slack makes links and channel names out of plain words.
    verbatim: z.literal(true),
  });
const id = z.string().min(1).max(255);
const option = z.strictObject({ text: plain(75), value: z.string().min(1).max(75) });

const ElementSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('button'),
    action_id: id,
    text: plain(75),
    value: z.string().max(2000),
    style: z.enum(['primary', 'danger']).optional(),
  }),
  z.strictObject({
    type: z.literal('static_select'),
    action_id: id,
    placeholder: plain(150),
    options: z.array(option).min(1).max(100),
  }),
  z.strictObject({ type: z.literal('overflow'), action_id: id, options: z.array(option).min(1).max(5) }),
]);

const BlockSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plain(150), block_id: id.optional() }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn(3000), block_id: id.optional() }),
  z.strictObject({
    type: z.literal('context'),
    elements: z.array(mrkdwn(3000)).min(1).max(10),
    block_id: id.optional(),
  }),
  z.strictObject({
    type: z.literal('actions'),
    elements: z.array(ElementSchema).min(1).max(25),
    block_id: id.optional(),
  }),
  z.strictObject({
    type: z.literal('rich_text'),
    elements: z
      .array(
        z.strictObject({
          type: z.literal('rich_text_preformatted'),
          elements: z.array(z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(4000) })).min(1),
          border: z.number().int().min(0).optional(),
        }),
      )
      .min(1),
    block_id: id.optional(),
  }),
]);

const MessageSchema = z.object({ text: z.string().min(1).max(4000), blocks: z.array(BlockSchema).max(50) });

/** What Slack would refuse; empty when it would take the message. */
export function blockKitProblems(message: { readonly text: string; readonly blocks: readonly unknown[] }): string[] {
  const parsed = MessageSchema.safeParse(message);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message: what }) => `${path.join('.')}: ${what}`);
  const actions = JSON.stringify(message.blocks).match(/"action_id":"[^"]+"/g) ?? [];
  if (new Set(actions).size < actions.length) problems.push('an action_id occurs twice');
  return problems;
}

/** Everything that Slack would make more of than text: mentions, links, channel names. */
export function slackMarkup(message: { readonly text: string; readonly blocks: readonly unknown[] }): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value === 'string') found.push(...(value.match(/<[^>]*>/g) ?? []));
    else if (Array.isArray(value)) value.forEach(look);
    else if (typeof value === 'object' && value !== null) {
      const { type, text } = value as { type?: unknown; text?: unknown };
      // Neither is parsed by Slack: what stands in them is shown as it is.
      if ((type === 'plain_text' || type === 'text') && typeof text === 'string') return;
      Object.values(value).forEach(look);
    }
  };
  look(message.text);
  look(message.blocks);
  return found;
}
