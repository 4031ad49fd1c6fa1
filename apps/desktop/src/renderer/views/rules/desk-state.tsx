import type { ReactNode } from 'react';
import { AnswerNotice } from '../../components/answer-notice.tsx';
import { SkeletonRows } from '../../components/skeleton-rows.tsx';
import { useView } from '../../stores/use-console.ts';
import type { AgentAnswer } from '../../stores/use-policy-desk.ts';
import { secondOf } from '../../words/clock.ts';
import { visibleText } from '../../words/visible-text.ts';

interface DeskStateProps {
  /** `The silences` */
  readonly what: string;
  readonly answers: readonly AgentAnswer<readonly unknown[]>[];
  readonly onRetry: (agentId: string) => void;
  /** When all that answered have nothing. */
  readonly empty: ReactNode;
  readonly children: ReactNode;
}

/** What did not come stands above what did; a list that is not known yet is not an empty one. */
export function DeskState({ what, answers, onRetry, empty, children }: DeskStateProps) {
  const clock = useView((view) => view.preferences.clock);
  const count = answers.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  const isAsking = answers.some(({ value, error }) => value === null && error === null);
  const failed = answers.filter(({ error }) => error !== null);
  return (
    <>
      {failed.map(({ agentId, agent, error, asOfMs }) => (
        <div className="p-2" key={agentId}>
          <AnswerNotice
            code={error?.code ?? ''}
            detail={visibleText(error?.detail ?? '')}
            from={agent.saved.name}
            shownAsOf={asOfMs === null ? null : secondOf(asOfMs, clock)}
            what={what}
            onRetry={() => onRetry(agentId)}
          />
        </div>
      ))}
      {count > 0 ? (
        children
      ) : isAsking ? (
        <SkeletonRows count={5} label={`Asking for ${what.toLowerCase()} …`} />
      ) : (
        failed.length < answers.length && empty
      )}
    </>
  );
}
