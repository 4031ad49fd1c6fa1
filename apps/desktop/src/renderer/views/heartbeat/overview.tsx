import type { AgentView } from '../../stores/agents-state.ts';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useView } from '../../stores/use-console.ts';
import { connectionWords } from '../../words/connection-words.ts';
import { duration } from '../../words/duration.ts';
import { bytes, exactly, plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { Fact, FactHeading, FactList } from './fact-list.tsx';

/** While nothing is chosen: how the clusters themselves are, and how to choose by key. */
export function Overview() {
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  return (
    <div className="flex flex-col divide-y divide-line-1">
      {agentsInScope(agents, { agentIds }).map((agent) => (
        <ClusterFacts agent={agent} key={agent.saved.agentId} />
      ))}
      <section className="p-4">
        <FactHeading>Choose by key</FactHeading>
        <ul className="flex flex-col gap-2 text-xs text-text-2">
          <KeyTip keys={[',', '.']} words="an anomaly, one after the other" />
          <KeyTip keys={['↑', '↓']} words="a service alone" />
          <KeyTip keys={['←', '→']} words="a moment on the chart" />
          <KeyTip keys={['Space']} words="hold the chart, and let it go" />
        </ul>
      </section>
    </div>
  );
}

function ClusterFacts({ agent }: { readonly agent: AgentView }) {
  const { saved, info, health } = agent;
  return (
    <section className="flex flex-col gap-3 p-4">
      <header className="flex items-center gap-2">
        <span className="rounded-sm bg-bg-3 px-1.5 py-0.5 text-xs font-semibold">{visibleText(saved.code || '–')}</span>
        <h3 className="truncate text-sm font-semibold">{visibleText(saved.name)}</h3>
        <span className="min-w-0 flex-1 truncate text-right text-xs text-text-3">
          {connectionWords(saved.connection)}
        </span>
      </header>
      {health?.degraded.map((reason) => (
        <p className="rounded-md border border-p2/50 bg-p2-tint px-2.5 py-1.5 text-xs" key={reason}>
          ◑ {visibleText(reason)}
        </p>
      ))}
      {health !== null && (
        <FactList>
          <Fact label="Accepted">
            {exactly(health.accepted_per_second)}/s, {exactly(health.accepted_total)} in all
          </Fact>
          <Fact label="Rejected">
            {health.rejected_total === 0
              ? 'none'
              : `${exactly(health.rejected_per_second)}/s, ${exactly(health.rejected_total)} in all`}
          </Fact>
          <Fact label="Late, counted all the same">
            {health.late_total === 0 ? 'none' : exactly(health.late_total)}
          </Fact>
          <Fact label="Services">
            {plural(agent.sources.size, 'service')}, {learningCount(agent)} learning
          </Fact>
          <Fact label="Journal">{bytes(health.journal_bytes)}</Fact>
          {health.replay_pending_bytes > 0 && <Fact label="Still to replay">{bytes(health.replay_pending_bytes)}</Fact>}
          <Fact label="Last checkpoint">{duration(health.checkpoint_age_seconds * 1000)} ago</Fact>
          <Fact label="Memory">{bytes(health.rss_bytes)}</Fact>
          {info !== null && (
            <Fact label="Agent">
              {visibleText(info.version)}, up {duration(health.now_ms - info.started_at_ms)}
            </Fact>
          )}
        </FactList>
      )}
    </section>
  );
}

function learningCount(agent: AgentView): number {
  return [...agent.sources.values()].filter((source) => source.learning === 'learning').length;
}

function KeyTip({ keys, words }: { readonly keys: readonly string[]; readonly words: string }) {
  return (
    <li className="flex items-center gap-2">
      <span className="flex w-14 gap-1">
        {keys.map((key) => (
          <kbd className="key" key={key}>
            {key}
          </kbd>
        ))}
      </span>
      {words}
    </li>
  );
}
