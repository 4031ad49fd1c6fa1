import { SENSITIVITY_SIGMA, type Sensitivity, type Source } from '@sentinellog/shared';
import { useState } from 'react';
import { reachableWords, SensitivityBar } from '../../components/sensitivity-bar.tsx';
import type { AgentView } from '../../stores/agents-state.ts';
import { useConsole } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';

interface SensitivityControlProps {
  readonly source: Source;
  readonly agent: AgentView;
  /** Leaves out the sentence below: for tables. */
  readonly brief?: boolean;
}

/** Sets when a service fires; shows at once what is chosen, takes it back when the agent refuses. */
export function SensitivityControl({ source, agent, brief = false }: SensitivityControlProps) {
  const console = useConsole();
  const [wanted, setWanted] = useState<Sensitivity | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const value = wanted ?? source.sensitivity;

  const change = async (sensitivity: Sensitivity) => {
    setWanted(sensitivity);
    setFailure(null);
    const ref = { agentId: agent.saved.agentId, sourceId: source.source_id };
    const answer = await console.patchSource(ref, { sensitivity });
    setWanted(null);
    if (!answer.ok) setFailure(answer.error.detail);
  };

  return (
    <div className={brief ? 'flex items-center gap-3' : 'flex flex-col items-start gap-2'}>
      <SensitivityBar
        disabledReason={whyNot(agent)}
        service={visibleText(source.service)}
        value={value}
        onChange={(sensitivity) => void change(sensitivity)}
      />
      {failure !== null ? (
        <p className="text-xs text-p2" role="alert">
          Not changed: {visibleText(failure)}
        </p>
      ) : (
        <p aria-busy={wanted !== null} className="text-xs whitespace-nowrap text-text-3">
          {brief
            ? reachableWords(value)
            : `Fires at ${SENSITIVITY_SIGMA[value]}σ. Anomalies can be ${reachableWords(value)}.`}
        </p>
      )}
    </div>
  );
}

function whyNot({ saved: { connection } }: AgentView): string | null {
  if (connection.type !== 'open') return 'the agent is not connected';
  return connection.scopes.includes('policy.write') ? null : 'needs policy.write';
}
