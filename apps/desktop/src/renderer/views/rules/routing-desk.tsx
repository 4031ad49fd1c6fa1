import { SEVERITIES, type RoutingExplanation } from '@sentinellog/shared';
import { useState } from 'react';
import type { RoutingQuestion } from '../../../bridge/policy-calls.ts';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { Notice } from '../../components/notice.tsx';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useDesk, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { visibleText } from '../../words/visible-text.ts';

/** Who would hear of it, when, and why not the others: asked of the agent's own routing. */
export function RoutingDesk() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const desks = useDesk((state) => state.agents);
  const scoped = agentsInScope(agents, { agentIds });
  const [agentId, setAgentId] = useState(scoped[0]?.saved.agentId ?? '');
  const [about, setAbout] = useState('example');
  const [service, setService] = useState('payment-service');
  const [severity, setSeverity] = useState<(typeof SEVERITIES)[number]>('P1');
  const [explanation, setExplanation] = useState<RoutingExplanation | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const open = [...(desks.get(agentId)?.values() ?? [])].filter(({ incident }) => incident.state !== 'RESOLVED');
  const explain = async () => {
    const question: RoutingQuestion =
      about === 'example'
        ? { type: 'example', example: { services: [service], severity, tags: [] } }
        : { type: 'incident', incidentId: about };
    const answer = await console.bridge.explainRouting({ agentId, question });
    setExplanation(answer.ok ? answer.value : null);
    setFailure(answer.ok ? null : answer.error.detail);
    if (answer.ok) console.announce(answer.value.summary);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <form
        className="flex flex-wrap items-end gap-2 border-b border-line-1 px-3 py-2 text-2xs text-text-3"
        onSubmit={(event) => {
          event.preventDefault();
          void explain();
        }}
      >
        <label className="flex flex-col gap-1">
          Cluster
          <select className="field h-7 text-xs" value={agentId} onChange={(event) => setAgentId(event.target.value)}>
            {scoped.map(({ saved }) => (
              <option key={saved.agentId} value={saved.agentId}>
                {saved.code} {saved.name}
              </option>
            ))}
          </select>
        </label>
        <label className="flex max-w-[340px] flex-col gap-1">
          Of
          <select className="field h-7 text-xs" value={about} onChange={(event) => setAbout(event.target.value)}>
            <option value="example">an incident as it might be</option>
            {open.map(({ incident }) => (
              <option key={incident.incident_id} value={incident.incident_id}>
                {incident.severity} {visibleText(incident.title)}
              </option>
            ))}
          </select>
        </label>
        {about === 'example' && (
          <>
            <label className="flex flex-col gap-1">
              Service
              <input
                className="field h-7 text-xs"
                maxLength={256}
                required
                value={service}
                onChange={(event) => setService(event.target.value)}
              />
            </label>
            <label className="flex flex-col gap-1">
              Severity
              <select
                className="field h-7 text-xs"
                value={severity}
                onChange={(event) => setSeverity(SEVERITIES.find((one) => one === event.target.value) ?? severity)}
              >
                {SEVERITIES.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
          </>
        )}
        <Button look="primary" type="submit">
          Who is told?
        </Button>
      </form>
      {failure !== null && (
        <div className="p-3">
          <Notice tone="bad">The agent could not say: {visibleText(failure)}</Notice>
        </div>
      )}
      {explanation === null ? (
        failure === null && (
          <EmptyWords title="Ask before the night does">
            Routing goes through its rules as it would for a real incident; nobody is told anything.
          </EmptyWords>
        )
      ) : (
        <Explanation explanation={explanation} />
      )}
    </div>
  );
}

const OUTCOMES = { matched: '✓ matched', not_matched: 'no', not_reached: 'not reached' } as const;

function Explanation({ explanation }: { readonly explanation: RoutingExplanation }) {
  const clock = useView((view) => view.preferences.clock);
  const { summary, rules, told, not_told: notTold, escalation, at_ms: atMs } = explanation;
  return (
    <div className="flex flex-col gap-4 p-3 text-sm">
      <p className="text-base font-semibold">{visibleText(summary)}</p>
      <section>
        <h3 className="section-word">Told</h3>
        {told.length === 0 && <p className="text-text-2">Nobody; it is in the console only.</p>}
        <ul>
          {told.map(({ channel_id: channel, not_before_ms: notBefore, batch, because }) => (
            <li className="py-0.5" key={channel}>
              <strong className="font-medium">{visibleText(channel)}</strong>{' '}
              {notBefore > atMs ? `from ${momentOf(notBefore, clock, atMs)}` : 'at once'}
              {batch && ', collected with others'} <span className="text-text-3">: {visibleText(because)}</span>
            </li>
          ))}
        </ul>
      </section>
      {notTold.length > 0 && (
        <section>
          <h3 className="section-word">Not told</h3>
          <ul>
            {notTold.map(({ target, because }) => (
              <li className="py-0.5" key={`${target} ${because}`}>
                {visibleText(target)} <span className="text-text-3">: {visibleText(because)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {escalation.length > 0 && (
        <section>
          <h3 className="section-word">If nobody acknowledges</h3>
          <ul>
            {escalation.map(({ after_minutes: minutes, channel_ids: channels, because }) => (
              <li className="py-0.5" key={minutes}>
                after {minutes} m: {channels.map(visibleText).join(', ')}{' '}
                <span className="text-text-3">: {visibleText(because)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h3 className="section-word">Rule by rule</h3>
        <table className="desk-table">
          <thead>
            <tr>
              <th scope="col">Policy</th>
              <th scope="col">Rule</th>
              <th scope="col">Outcome</th>
              <th scope="col">Because</th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ policy, rule, outcome, because }) => (
              <tr className={outcome === 'matched' ? '' : 'text-text-3'} key={`${policy} ${rule}`}>
                <td>{visibleText(policy)}</td>
                <td>{visibleText(rule)}</td>
                <td className={outcome === 'matched' ? 'whitespace-nowrap text-ok' : 'whitespace-nowrap'}>
                  {OUTCOMES[outcome]}
                </td>
                <td>{visibleText(because)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
