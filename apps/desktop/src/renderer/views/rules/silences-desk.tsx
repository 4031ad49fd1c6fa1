import { useState } from 'react';
import type { Silence } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { Notice } from '../../components/notice.tsx';
import { useTick } from '../../components/use-tick.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk, whyNot } from '../../stores/use-policy-desk.ts';
import { momentOf } from '../../words/clock.ts';
import { ago, duration } from '../../words/duration.ts';
import { plural, sigmas } from '../../words/quantity.ts';
import { SILENCE_END_WORDS, silenceScopeWords } from '../../words/rule-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { DeskState } from './desk-state.tsx';

const EVERY_MS = 10_000;

/** What nobody is told of, for how long yet, and what that has hidden. New ones are made from an incident with `s`. */
export function SilencesDesk() {
  const console = useConsole();
  const desk = usePolicyDesk();
  const answers = useAnswers(desk.silences, EVERY_MS);
  const [failure, setFailure] = useState<string | null>(null);
  const clock = useView((view) => view.preferences.clock);
  const nowMs = useTick(console.now, 1000);
  const rows = answers.flatMap(({ agentId, agent, value }) =>
    (value ?? []).map((silence) => ({ agentId, agent, silence })),
  );
  const end = async (agentId: string, silenceId: string) => {
    const answer = await desk.endSilence(agentId, silenceId);
    setFailure(answer.ok ? null : answer.error.detail);
  };
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" role="region" aria-label="Silences" tabIndex={0}>
      {failure !== null && (
        <div className="p-2">
          <Notice tone="bad">The silence was not ended: {visibleText(failure)}</Notice>
        </div>
      )}
      <DeskState
        answers={answers}
        empty={
          <EmptyWords title="Nothing is silenced">
            Press s on an incident to silence it, its source or its service.
          </EmptyWords>
        }
        what="The silences"
        onRetry={(agentId) => void desk.silences.ask(agentId)}
      >
        <table className="desk-table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Why</th>
              <th scope="col">Until</th>
              <th scope="col">It has hidden</th>
              <th scope="col">By</th>
              <th scope="col">
                <span className="sr-only">Action</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ agentId, agent, silence }) => (
              <tr
                className={silence.ended_at_ms === null ? '' : 'text-text-3'}
                key={`${agentId} ${silence.silence_id}`}
              >
                <td className="whitespace-nowrap">
                  <span className="cluster-code mr-2">{agent.saved.code}</span>
                  {silenceScopeWords(silence.scope)}
                </td>
                <td>{visibleText(silence.reason)}</td>
                <td>{untilWords(silence, nowMs)}</td>
                <td className="whitespace-nowrap">{billWords(silence)}</td>
                <td className="whitespace-nowrap" title={momentOf(silence.starts_at_ms, clock, nowMs)}>
                  {visibleText(silence.created_by)}, {ago(nowMs - silence.starts_at_ms)}
                </td>
                <td className="text-right">
                  {silence.ended_at_ms === null && (
                    <Button
                      disabledReason={whyNot(agent, 'alert.write')}
                      size="small"
                      onClick={() => void end(agentId, silence.silence_id)}
                    >
                      End it
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </DeskState>
    </div>
  );
}

function untilWords({ ends_at_ms, ended_at_ms, ended_because }: Silence, nowMs: number): string {
  if (ended_at_ms !== null) {
    return `${ended_because === null ? 'ended' : SILENCE_END_WORDS[ended_because]}, ${ago(nowMs - ended_at_ms)}`;
  }
  return ends_at_ms === null ? 'until it gets worse' : `for ${duration(ends_at_ms - nowMs)} more`;
}

function billWords({ hid: { alerts, notices, peak_score: peak } }: Silence): string {
  if (alerts === 0) return 'nothing';
  return `${plural(alerts, 'alert')}, ${plural(notices, 'notice')}, up to ${sigmas(peak)}`;
}
