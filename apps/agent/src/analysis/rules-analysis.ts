import type { Alert, Analysis, CorrelatedEvent, Incident } from '@sentinellog/shared';
import type { IncidentFacts } from './incident-facts.ts';

type Hypothesis = Analysis['hypotheses'][number];

const MAX_HYPOTHESES = 3;
const MAX_EVIDENCE = 4;
const MAX_STEPS = 8;
const MAX_QUOTE_CHARS = 160;
/** Alerts that begin within this of the first are taken to have begun together: bucket lengths differ by as much. */
const TOGETHER_MS = 5000;

/** What can be said of an incident without a language model: who went first, what kinds of lines, what helped before. */
export function rulesAnalysis(facts: IncidentFacts, nowMs: number): Analysis {
  const { incident, runbooks, similar } = facts;
  const hypotheses = [spreadFromFirst(facts), newKindOfLine(facts), wentQuiet(incident), sameAsBefore(facts)]
    .filter((hypothesis) => hypothesis !== null)
    .slice(0, MAX_HYPOTHESES);
  const [runbook] = runbooks;
  const ending = similar.find(({ ending: words }) => words !== '');
  const steps = [
    ...(runbook === undefined
      ? [`Look at ${incident.first_mover.service} first: it left its baseline before the others.`]
      : runbook.steps),
    ...(ending === undefined ? [] : [`Last time (${ending.key}): ${ending.ending}`]),
  ];
  return {
    by: 'rules',
    at_ms: nowMs,
    summary: summaryOf(incident),
    hypotheses: hypotheses.length > 0 ? hypotheses : [unexplained(incident)],
    affected_services: incident.services,
    steps: steps.slice(0, MAX_STEPS),
  };
}

function summaryOf({ first_mover, services, alerts, peak_score }: Incident): string {
  const others = services.filter((service) => service !== first_mover.service);
  const spread = others.length === 0 ? '' : `, then ${listed(others)}`;
  const first = alerts.find(({ source_id }) => source_id === first_mover.source_id);
  return `${first_mover.service}: ${first === undefined ? first_mover.reason : kindOf(first)}${spread} (${Math.abs(peak_score).toFixed(1)}σ)`;
}

function spreadFromFirst({ incident, correlated }: IncidentFacts): Hypothesis | null {
  const { first_mover, alerts, services } = incident;
  if (services.length < 2) return null;
  const later = alerts.filter(({ opened_at_ms }) => opened_at_ms > first_mover.at_ms + TOGETHER_MS);
  const traces = correlated.filter(({ because }) => because === 'trace' || because === 'dependency').length;
  const line = tellingLine(correlated, first_mover.service);
  return {
    cause: `A fault in ${first_mover.service} spread to ${listed(services.filter((name) => name !== first_mover.service))}`,
    confidence: later.length > 0 && (traces > 0 || line !== null) ? 'high' : 'medium',
    evidence: evidence(
      `${first_mover.service} left its baseline first, at ${clock(first_mover.at_ms)}: ${first_mover.reason}`,
      ...later
        .slice(0, 2)
        .map(
          ({ service, opened_at_ms }) =>
            `${service} followed ${Math.round((opened_at_ms - first_mover.at_ms) / 1000)} s later`,
        ),
      traces > 0 && `${traces} nearby lines share a trace or a known dependency`,
      line,
    ),
  };
}

function newKindOfLine({ incident, clusters, correlated }: IncidentFacts): Hypothesis | null {
  const top = clusters.find(({ isNew }) => isNew) ?? clusters.find(({ share }) => share >= 0.3);
  if (top === undefined) return null;
  const { service } = incident.first_mover;
  return {
    cause: top.isNew
      ? `Something changed in ${service}: "${quoted(top.name)}" was never seen before`
      : `"${quoted(top.name)}" explains most of what is different`,
    confidence: top.share >= 0.5 ? 'high' : 'medium',
    evidence: evidence(
      `"${quoted(top.name)}" makes up ${Math.round(top.share * 100)} % of the difference`,
      tellingLine(correlated, service),
    ),
  };
}

function wentQuiet({ alerts }: Incident): Hypothesis | null {
  const quiet = alerts.filter(({ signal, direction }) => signal === 'volume' && direction === 'low');
  if (quiet.length === 0) return null;
  const names = listed([...new Set(quiet.map(({ service }) => service))]);
  return {
    cause: `${names} stopped or lost its traffic, or its shipper did`,
    confidence: quiet.length === alerts.length ? 'medium' : 'low',
    evidence: evidence(...quiet.slice(0, MAX_EVIDENCE).map(({ reason }) => reason)),
  };
}

function sameAsBefore({ similar }: IncidentFacts): Hypothesis | null {
  const [before] = similar;
  if (before === undefined) return null;
  return {
    cause: `The same as ${before.key}: ${before.title}`,
    confidence: 'low',
    evidence: evidence(
      `Same services and signals${before.resolution === null ? '' : `, which ended as ${before.resolution}`}`,
      before.ending !== '' && `It ended with: ${quoted(before.ending)}`,
    ),
  };
}

function unexplained({ first_mover, alerts }: Incident): Hypothesis {
  return {
    cause: `Something in ${first_mover.service} alone; nothing else moved with it`,
    confidence: 'low',
    evidence: evidence(...alerts.slice(0, MAX_EVIDENCE).map(({ reason }) => reason)),
  };
}

function tellingLine(correlated: readonly CorrelatedEvent[], service: string): string | null {
  const line = correlated.find((event) => event.service === service);
  return line === undefined ? null : `${service} logged: "${quoted(line.message)}"`;
}

function kindOf({ signal, direction }: Alert): string {
  if (signal === 'error_rate') return direction === 'high' ? 'more errors than normal' : 'fewer errors than normal';
  if (signal === 'volume') return direction === 'high' ? 'far more lines than normal' : 'went quiet';
  if (signal === 'latency_p99') return direction === 'high' ? 'slower than normal' : 'faster than normal';
  return `${signal} ${direction === 'high' ? 'above' : 'below'} normal`;
}

const evidence = (...lines: (string | null | false)[]) =>
  lines.filter((line) => line !== null && line !== false).slice(0, MAX_EVIDENCE);
const quoted = (text: string) => (text.length > MAX_QUOTE_CHARS ? `${text.slice(0, MAX_QUOTE_CHARS - 1)}…` : text);
const clock = (ms: number) => `${new Date(ms).toISOString().slice(11, 19)} UTC`;

function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}
