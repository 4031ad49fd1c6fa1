import { z } from 'zod';

/** A way to tell people: one member a kind. */
export const CHANNEL_KINDS = ['slack', 'slack_webhook', 'pagerduty', 'email', 'webhook', 'ticket'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** The secrets of each kind. They go in and never come out again. */
export const CHANNEL_SECRETS = {
  /** `appToken` switches Socket Mode on, `signingSecret` signed callbacks over HTTP; either makes buttons work. */
  slack: { required: ['botToken'], optional: ['appToken', 'signingSecret'] },
  slack_webhook: { required: ['url'], optional: [] },
  /** `webhookSecret`: of PagerDuty's own webhook towards us. */
  pagerduty: { required: ['routingKey'], optional: ['webhookSecret'] },
  email: { required: [], optional: ['password'] },
  /** While a secret is being replaced, messages are signed with both. */
  webhook: { required: ['signingSecret'], optional: ['previousSigningSecret'] },
  ticket: { required: ['token'], optional: [] },
} as const satisfies Record<ChannelKind, { required: readonly string[]; optional: readonly string[] }>;

const url = z.url({ protocol: /^https?$/ }).max(2000);

export const ChannelSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('slack'),
    /** Id of the Slack channel, `C…` or `G…`: names change, ids stay. */
    channel: z.string().regex(/^[CGD][A-Z0-9]{2,20}$/, 'expected the id of a Slack channel, for instance C0123456789'),
    /** Slack user id → name of the person here. Whoever is not mapped can read, not act. */
    people: z.record(z.string().regex(/^[UW][A-Z0-9]{2,20}$/), z.string().min(1).max(100)).default({}),
    /** Zone of "until 09:00". */
    timeZone: z.string().max(64).default('UTC'),
    apiUrl: url.default('https://slack.com/api/'),
  }),
  z.strictObject({ kind: z.literal('slack_webhook') }),
  z.strictObject({
    kind: z.literal('pagerduty'),
    url: url.default('https://events.pagerduty.com/v2/enqueue'),
  }),
  z.strictObject({
    kind: z.literal('email'),
    host: z.string().min(1).max(253),
    port: z.number().int().min(1).max(65_535).default(587),
    /** `tls` from the first byte, `starttls` required after greeting, `none` for a relay on the same machine. */
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    user: z.string().max(200).optional(),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
  }),
  z.strictObject({ kind: z.literal('webhook'), url }),
  z.strictObject({
    kind: z.literal('ticket'),
    /** Whose API it speaks. */
    shape: z.enum(['github', 'jira']),
    /** `https://api.github.com` or `https://example.atlassian.net`. */
    url,
    /** `owner/repository`, or the key of the Jira project. */
    project: z
      .string()
      .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)?$/)
      .max(200),
    /** Jira: who the token belongs to (absent: a bearer token), the kind of issue, and the transition that closes it. */
    user: z.string().max(200).optional(),
    issueType: z.string().min(1).max(100).default('Bug'),
    closeTransition: z.string().max(20).optional(),
  }),
]);
export type ChannelSettings = z.infer<typeof ChannelSettingsSchema>;
export type ChannelSettingsOf<Kind extends ChannelKind> = Extract<ChannelSettings, { kind: Kind }>;

export const ChannelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected 1 to 40 lower-case letters, digits and dashes');

export const CHANNEL_STATES = ['ok', 'retrying', 'broken', 'off'] as const;
/** How a channel does: `retrying` cures itself, `broken` needs a person. */
export const ChannelStatusSchema = z.object({
  state: z.enum(CHANNEL_STATES),
  /** What is wrong and what to do; empty when all is well. */
  detail: z.string(),
  pending: z.number().int(),
  oldest_pending_seconds: z.number(),
  last_sent_ms: z.number().nullable(),
});
export type ChannelStatus = z.infer<typeof ChannelStatusSchema>;

export const ChannelSchema = z.object({
  channel_id: ChannelIdSchema,
  name: z.string(),
  enabled: z.boolean(),
  /** Told instead when this channel has not taken a delivery for two minutes. */
  failover: ChannelIdSchema.nullable(),
  settings: ChannelSettingsSchema,
  /** Names of the secrets that are set. */
  secrets: z.array(z.string()),
  /** Those of the configuration file are changed there. */
  origin: z.enum(['config', 'api']),
  version: z.number().int(),
  status: ChannelStatusSchema,
});
export type ChannelView = z.infer<typeof ChannelSchema>;
export const ChannelListSchema = z.object({ channels: z.array(ChannelSchema) });

const secretText = z.string().min(1).max(2000);
export const ChannelCreateSchema = z.strictObject({
  channel_id: ChannelIdSchema,
  name: z.string().min(1).max(100),
  enabled: z.boolean().default(true),
  failover: ChannelIdSchema.nullable().default(null),
  settings: ChannelSettingsSchema,
  secrets: z.record(z.string().max(40), secretText).default({}),
});
export type ChannelCreate = z.infer<typeof ChannelCreateSchema>;
export const ChannelReplaceSchema = ChannelCreateSchema.omit({ channel_id: true }).extend({
  /** Those not named stay as they are; null takes one away. */
  secrets: z.record(z.string().max(40), secretText.nullable()).default({}),
});
export type ChannelReplace = z.infer<typeof ChannelReplaceSchema>;

/** Answer of `POST /v1/channels/{id}:test`: whether a test message arrived, and what the other side said. */
export const ChannelTestSchema = z.object({ ok: z.boolean(), detail: z.string(), message_id: z.string().nullable() });
export type ChannelTest = z.infer<typeof ChannelTestSchema>;

/** What a set of secrets lacks or has too much of, in words; null when it fits. */
export function secretsProblem(kind: ChannelKind, names: readonly string[]): string | null {
  const { required, optional } = CHANNEL_SECRETS[kind];
  const allowed: readonly string[] = [...required, ...optional];
  const missing = required.filter((name) => !names.includes(name));
  const unknown = names.filter((name) => !allowed.includes(name));
  if (missing.length > 0) return `a channel of kind ${kind} needs the secret ${missing.join(', ')}`;
  if (unknown.length > 0) return `a channel of kind ${kind} takes the secrets ${allowed.join(', ') || '(none)'} only`;
  return null;
}
