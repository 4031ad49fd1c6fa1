import type { Actor, Incident, IncidentAction, SilenceScope } from '@sentinellog/shared';
import type { Author } from './routing-documents.ts';
import type { Routing } from './routing.ts';
import { silenceBill } from './routing-rounds.ts';

interface Cover {
  readonly silenceId: string;
  /** null: until it gets worse. */
  readonly untilMs: number | null;
}

type SilenceAction = Extract<IncidentAction, { action: 'silence' }>;

/** The silences as the desk of incidents uses them: a person points at an incident, not at a scope. */
export class IncidentSilences {
  readonly #routing: Routing;

  constructor(routing: Routing) {
    this.#routing = routing;
  }

  /** The silence that covers the incident now; null: none, or none any more because it got worse. */
  covers(incident: Incident, nowMs: number): Cover | null {
    const verdict = this.#routing.covers(incident, nowMs);
    return verdict.type === 'covered' ? { silenceId: verdict.silenceId, untilMs: verdict.untilMs } : null;
  }

  /** What it has hidden so far, in a sentence; null: there is none with this id. */
  billOf(silenceId: string): string | null {
    const silence = this.#routing.silences().find(({ silence_id }) => silence_id === silenceId);
    return silence === undefined ? null : silenceBill(silence.hid);
  }

  /** RequestError('invalid_request'): the scope cannot be had. */
  async silence(request: {
    readonly incident: Incident;
    readonly action: SilenceAction;
    readonly actor: Actor;
  }): Promise<Cover> {
    const { incident, action, actor } = request;
    const { silence_id, ends_at_ms } = await this.#routing.silenceBy(
      {
        scope: this.#scopeOf(incident, action.scope),
        reason: action.reason === '' ? `silenced from ${incident.key}` : action.reason,
        ends_at_ms: action.untilMs ?? null,
        until_worse: action.untilWorse ?? false,
      },
      authorOf(actor),
    );
    return { silenceId: silence_id, untilMs: ends_at_ms };
  }

  /** Ends one before its time; harmless when it is over already. */
  async lift(silenceId: string, actor: Actor): Promise<void> {
    await this.#routing.endSilenceBy(silenceId, authorOf(actor));
  }

  /** Where several services take part, the one that went first: silencing it is what quiets the rest. */
  #scopeOf(incident: Incident, scope: SilenceAction['scope']): SilenceScope {
    const { source_id, service, event_id } = incident.first_mover;
    const first = incident.alerts.find(({ event_ids }) => event_ids.includes(event_id)) ?? incident.alerts[0];
    const scopes: Readonly<Record<SilenceAction['scope'], () => SilenceScope>> = {
      incident: () => ({ kind: 'incident', incident_id: incident.incident_id }),
      source: () => ({ kind: 'source', source_id }),
      service: () => ({ kind: 'service', service }),
      template: () => ({ kind: 'template', template_id: this.#routing.templateOf(first), service }),
    };
    return scopes[scope]();
  }
}

function authorOf({ name, via }: Actor): Author {
  return { name, audit: via === null ? name : `${name} via ${via}` };
}
