import type { TimelineKind } from '@sentinellog/shared';

/** What happened, for the timeline's own column. */
export const TIMELINE_WORDS: Readonly<Record<TimelineKind, string>> = {
  opened: 'Opened',
  alert_added: 'Spread',
  severity_raised: 'Worse',
  recovered: 'Recovered',
  firing_again: 'Firing again',
  acknowledged: 'Acknowledged',
  unacknowledged: 'Un-acknowledged',
  ack_expired: 'Ack ran out',
  assigned: 'Assigned',
  note: 'Note',
  severity_set: 'Severity set',
  silenced: 'Silenced',
  unsilenced: 'Un-silenced',
  resolved: 'Resolved',
  reopened: 'Re-opened',
  merged: 'Merged',
  escalated: 'Escalated',
  notified: 'Notified',
  notify_failed: 'Not delivered',
  runbook_matched: 'Runbook',
  analysed: 'Analysed',
  hook_run: 'Automation',
};
