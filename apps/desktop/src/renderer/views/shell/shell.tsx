import { lazy, Suspense, useEffect } from 'react';
import { useAgents, useAgentsListed, useView } from '../../stores/use-console.ts';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { openCounts } from '../../stores/scope.ts';
import { HeartbeatView } from '../heartbeat/heartbeat-view.tsx';
import { Announcer } from './announcer.tsx';
import { Rail } from './rail.tsx';
import { StatusBar } from './status-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { WhichKey } from './which-key.tsx';

// The heartbeat is on the critical path; everything else comes when it is asked for (≤ 420 KB, ux §6 goal 17).
const SourcesView = lazy(async () => ({ default: (await import('../sources/sources-view.tsx')).SourcesView }));
const SettingsView = lazy(async () => ({ default: (await import('../settings/settings-view.tsx')).SettingsView }));
const AddAgentView = lazy(async () => ({ default: (await import('../add-agent/add-agent-view.tsx')).AddAgentView }));
const KeySheet = lazy(async () => ({ default: (await import('./key-sheet.tsx')).KeySheet }));

const VIEWS = { heartbeat: HeartbeatView, sources: SourcesView, settings: SettingsView } as const;
const TITLES = { heartbeat: 'Heartbeat', sources: 'Sources', settings: 'Settings' } as const;

/** Rail, top bar, view and status bar. Without an agent there is one thing to do, and only that is shown. */
export function Shell() {
  const listed = useAgentsListed();
  const noAgent = useAgents().size === 0;
  const view = useView((state) => state.view);
  const adding = useView((state) => state.addingAgent);
  const sheetOpen = useView((state) => state.sheetOpen);
  useWindowTitle();

  if (!listed) return null;
  if (noAgent) {
    return (
      <>
        <main className="h-full overflow-y-auto" id="main">
          <Suspense>
            <AddAgentView first />
          </Suspense>
        </main>
        <Announcer />
      </>
    );
  }
  const View = VIEWS[view];
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the view
      </a>
      <Rail />
      <TopBar />
      <main className="@container min-h-0 min-w-0 overflow-hidden [grid-area:main]" id="main" tabIndex={-1}>
        <ErrorBoundary key={view} name={TITLES[view]}>
          <Suspense>{adding ? <AddAgentView first={false} /> : <View />}</Suspense>
        </ErrorBoundary>
      </main>
      <StatusBar />
      <WhichKey />
      {sheetOpen && (
        <Suspense>
          <KeySheet />
        </Suspense>
      )}
      <Announcer />
    </div>
  );
}

/** `P1 1 · Heartbeat · SentinelLog`: the worst is readable from the task bar. */
function useWindowTitle(): void {
  const agents = useAgents();
  const view = useView((state) => state.view);
  const { P1, P2 } = openCounts(agents, { agentIds: null });
  const alarm = P1 > 0 ? `P1 ${P1} · ` : P2 > 0 ? `P2 ${P2} · ` : '';
  useEffect(() => {
    document.title = `${alarm}${TITLES[view]} · SentinelLog`;
  }, [alarm, view]);
}
