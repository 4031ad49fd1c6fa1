import type { Source } from '@sentinellog/shared';
import { useTick } from '../../components/use-tick.ts';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { ago } from '../../words/duration.ts';
import { reading } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { SensitivityControl } from '../sources/sensitivity-control.tsx';
import { Fact, FactHeading, FactList } from './fact-list.tsx';

interface SourceDetailsProps {
  readonly source: Source;
  readonly agent: AgentView;
}

export function SourceDetails({ source, agent }: SourceDetailsProps) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const signal = useView((view) => view.signal);
  const nowMs = useTick(console.now, 1000);
  const ref = { agentId: agent.saved.agentId, sourceId: source.source_id };
  const { value, mean, lower, upper } = console.latestReading(ref, nowMs);
  const say = (one: number) => (Number.isNaN(one) ? 'not known' : reading(signal, one));
  return (
    <article className="flex flex-col gap-5 p-4">
      <header>
        <p className="text-lg font-semibold">
          {visibleText(source.service)}
          <span className="font-normal text-text-3">@{agent.saved.code}</span>
        </p>
        <p className="text-sm text-text-2">{learningWords(source)}</p>
      </header>
      <section>
        <FactHeading>Now</FactHeading>
        <FactList>
          <Fact label="Observed">{say(value)}</Fact>
          <Fact label="Expected">{say(mean)}</Fact>
          <Fact label="Normal">
            {Number.isNaN(lower) || Number.isNaN(upper) ? 'nothing learnt yet' : `${say(lower)} – ${say(upper)}`}
          </Fact>
        </FactList>
      </section>
      <section>
        <FactHeading>Sensitivity</FactHeading>
        <SensitivityControl agent={agent} source={source} />
      </section>
      <section>
        <FactHeading>Source</FactHeading>
        <FactList>
          <Fact label="Last line">{ago(nowMs - source.last_seen_ms)}</Fact>
          <Fact label="First line">{momentOf(source.first_seen_ms, clock, nowMs)}</Fact>
          <Fact label="Kept for">{source.retention_days} days</Fact>
          <Fact label="Time zone">{visibleText(source.time_zone)}</Fact>
          <Fact label="Id">
            <span className="font-mono text-xs">{visibleText(source.source_id)}</span>
          </Fact>
        </FactList>
      </section>
    </article>
  );
}

export function learningWords(source: Source): string {
  return source.learning === 'ready'
    ? 'Baseline ready: it rests on a day or more'
    : `Learning: ${Math.floor(source.learnt_hours)} of 24 h; the band is still wide`;
}
