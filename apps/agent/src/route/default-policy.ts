import type { RoutingPolicy } from '@sentinellog/shared';

/**
 * What holds where no policy matches (requirements S3-06 and S2-06): P1 pages at all hours; P2 pages, and posts to Slack in
 * business hours, held until they start; P3 is mailed in batches; P4 stays in the console.
 * The budgets are wide: Google's SRE book calls two incidents a shift of twelve hours bearable, and 20 pages of one service in
 * a day are five times that. They are for the source that has gone wrong, not for a bad day.
 */
export const DEFAULT_POLICY: RoutingPolicy = {
  id: 'default',
  name: 'default policy',
  tenant: null,
  enabled: true,
  order: 10_000,
  calendar: null,
  rules: [
    {
      name: 'P1 pages at all hours',
      match: { severities: ['P1'] },
      tell: [{ to: ['kind:pagerduty', 'kind:slack'], hours: 'always', batch_minutes: null }],
      continue: false,
    },
    {
      name: 'P2 pages, and posts in business hours',
      match: { severities: ['P2'] },
      tell: [
        { to: ['kind:pagerduty'], hours: 'always', batch_minutes: null },
        { to: ['kind:slack'], hours: 'business', batch_minutes: null },
      ],
      continue: false,
    },
    {
      name: 'P3 is mailed in batches',
      match: { severities: ['P3'] },
      tell: [{ to: ['kind:email'], hours: 'always', batch_minutes: 60 }],
      continue: false,
    },
    { name: 'P4 stays in the console', match: { severities: ['P4'] }, tell: [], continue: false },
  ],
  pagerduty_severities: ['P1', 'P2'],
  budgets: [
    { per: 'service', match: '*', pages: 20, hours: 24, digest_minutes: 30 },
    { per: 'person', match: '*', pages: 30, hours: 24, digest_minutes: 30 },
  ],
};
