import type { RoutingPolicy } from '@sentinellog/shared';

/**
 * What holds where no policy matches (requirements S3-06 and S2-06): P1 pages at all hours; P2 pages, and posts to Slack in
 * business hours, held until they start; P3 is mailed in batches; P4 stays in the console. A rule's action comes on top (S3-04).
 * A P2 that nothing but rules has noticed pages nobody unless its rule says so: a threshold is somebody's guess.
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
      name: 'a rule pages',
      match: { actions: ['page'] },
      tell: [{ to: ['kind:pagerduty', 'kind:slack'], hours: 'always', batch_minutes: null }],
      continue: true,
    },
    {
      name: 'a rule notifies',
      match: { actions: ['notify'] },
      tell: [{ to: ['kind:slack'], hours: 'business', batch_minutes: null }],
      continue: true,
    },
    {
      name: 'a rule asks for a ticket',
      match: { actions: ['ticket'] },
      tell: [{ to: ['kind:ticket'], hours: 'always', batch_minutes: null }],
      continue: true,
    },
    {
      name: 'a rule asks for a review',
      match: { actions: ['review'] },
      tell: [{ to: ['kind:email'], hours: 'always', batch_minutes: 60 }],
      continue: true,
    },
    {
      name: 'a rule is for the console',
      match: { actions: ['none'], raised_by: 'rules' },
      tell: [],
      continue: false,
    },
    {
      name: 'P1 pages at all hours',
      match: { severities: ['P1'] },
      tell: [{ to: ['kind:pagerduty', 'kind:slack'], hours: 'always', batch_minutes: null }],
      continue: false,
    },
    {
      name: 'P2 pages, and posts in business hours',
      match: { severities: ['P2'], raised_by: 'detectors' },
      tell: [
        { to: ['kind:pagerduty'], hours: 'always', batch_minutes: null },
        { to: ['kind:slack'], hours: 'business', batch_minutes: null },
      ],
      continue: false,
    },
    {
      name: 'P2 of rules posts in business hours',
      match: { severities: ['P2'] },
      tell: [{ to: ['kind:slack'], hours: 'business', batch_minutes: null }],
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
