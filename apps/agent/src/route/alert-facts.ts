import type { Alert, Incident, RuleAction } from '@sentinellog/shared';
import type { IncidentFacts } from './routing-book.ts';

/** What routing asks the rest of the agent about a source; undefined: it is not known. */
export interface SourceFacts {
  of(sourceId: string): { readonly tags: readonly string[] } | undefined;
}

/** What lies behind an alert; `unknown` where nothing can be said. */
export interface AlertFacts {
  /** Templates that take part in it. */
  templateIds(alert: Pick<Alert, 'alert_id' | 'source_id' | 'signal'>): readonly string[] | 'unknown';
  eventsPerMinute(alert: Alert): number | 'unknown';
}

/** Tells only what the alert itself says: the template of a `template:<id>` series. */
export const alertsAlone: AlertFacts = {
  templateIds: ({ signal }) => (signal.startsWith('template:') ? [signal.slice('template:'.length)] : 'unknown'),
  eventsPerMinute: () => 'unknown',
};

/** What routing asks about a rule; undefined: there is none with this id (any more). */
export interface RuleFacts {
  actionOf(ruleId: string): RuleAction | undefined;
}

/** `rule:<id>`, and behind another colon which of its groups. */
const RULE_SERIES = /^rule:([^:]+)/;

export function factsOf(incident: Incident, sources: SourceFacts, rules: RuleFacts): IncidentFacts {
  const sourceIds = [...new Set([incident.first_mover.source_id, ...incident.alerts.map((alert) => alert.source_id)])];
  const ruleIds = incident.alerts.map(({ signal }) => RULE_SERIES.exec(signal)?.[1]);
  const asked = ruleIds.map((ruleId) => (ruleId === undefined ? undefined : rules.actionOf(ruleId)));
  return {
    tenant: incident.tenant,
    services: incident.services,
    sourceIds,
    tags: [...new Set(sourceIds.flatMap((sourceId) => sources.of(sourceId)?.tags ?? []))],
    severity: incident.severity,
    actions: [...new Set(asked.filter((action) => action !== undefined))],
    raisedBy: ruleIds.length > 0 && ruleIds.every((ruleId) => ruleId !== undefined) ? 'rules' : 'detectors',
  };
}
