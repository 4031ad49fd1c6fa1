import type { AgentView } from '../../stores/agents-state.ts';
import { SetupSteps } from '../setup/setup-view.tsx';
import { ViewTitle } from '../shell/view-title.tsx';

/** First run: nothing to draw yet, so the screen is the way to a first line. */
export function FirstLogs({ agents }: { readonly agents: readonly AgentView[] }) {
  return (
    <div className="h-full overflow-y-auto p-6">
      <div className="mx-auto flex max-w-[760px] flex-col gap-4">
        <header className="mt-6 flex flex-col gap-1">
          <ViewTitle className="text-xl font-semibold">No source sends logs yet</ViewTitle>
          <p className="text-base text-text-2">
            Send the first line, and its heartbeat appears here within two seconds. Services are found by themselves.
          </p>
        </header>
        <SetupSteps agents={agents} />
      </div>
    </div>
  );
}
