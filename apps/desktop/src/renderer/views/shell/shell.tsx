import { lazy, Suspense, useEffect } from 'react';
import { useAgents, useAgentsListed, useConsole, useDesk, useIncidentView, useView } from '../../stores/use-console.ts';
import { alarmWords } from '../../../bridge/open-count.ts';
import { openIncidents } from '../../stores/inbox-filter.ts';
import { AbsenceWatch } from '../../stores/away-report.ts';
import type { ViewName } from '../../stores/view-store.ts';
import { ErrorBoundary } from '../../components/error-boundary.tsx';
import { HeartbeatView } from '../heartbeat/heartbeat-view.tsx';
import { Announcer } from './announcer.tsx';
import { Rail } from './rail.tsx';
import { StatusBar } from './status-bar.tsx';
import { TopBar } from './top-bar.tsx';
import { WhichKey } from './which-key.tsx';

// The heartbeat is on the critical path; everything else comes when it is asked for (≤ 420 KB, ux §6 goal 17).
const SourcesView = lazy(async () => ({ default: (await import('../sources/sources-view.tsx')).SourcesView }));
const SettingsView = lazy(async () => ({ default: (await import('../settings/settings-view.tsx')).SettingsView }));
const SetupView = lazy(async () => ({ default: (await import('../setup/setup-view.tsx')).SetupView }));
const AddAgentView = lazy(async () => ({ default: (await import('../add-agent/add-agent-view.tsx')).AddAgentView }));
const KeySheet = lazy(async () => ({ default: (await import('./key-sheet.tsx')).KeySheet }));

const BatcaveView = lazy(async () => ({ default: (await import('../batcave/batcave-view.tsx')).BatcaveView }));
const HealthMapView = lazy(async () => ({
  default: (await import('../health-map/health-map-view.tsx')).HealthMapView,
}));
const RulesView = lazy(async () => ({ default: (await import('../rules/rules-view.tsx')).RulesView }));
const AutomationView = lazy(async () => ({
  default: (await import('../automation/automation-view.tsx')).AutomationView,
}));
const HelpView = lazy(async () => ({ default: (await import('../help/help-view.tsx')).HelpView }));
const IncidentsView = lazy(async () => ({ default: (await import('../incidents/incidents-view.tsx')).IncidentsView }));
const LiveFeedView = lazy(async () => ({ default: (await import('../live-feed/live-feed-view.tsx')).LiveFeedView }));
const TemplatesView = lazy(async () => ({ default: (await import('../templates/templates-view.tsx')).TemplatesView }));
const TimelineView = lazy(async () => ({ default: (await import('../timeline/timeline-view.tsx')).TimelineView }));
const Questions = lazy(async () => ({ default: (await import('../incidents/questions.tsx')).Questions }));
const Palette = lazy(async () => ({ default: (await import('../palette/palette.tsx')).Palette }));
const Toasts = lazy(async () => ({ default: (await import('./toasts.tsx')).Toasts }));

/** Every view, one folder each: a new one is a folder, a line here, and its name in stores/view-store.ts. */
const VIEWS = {
  batcave: BatcaveView,
  heartbeat: HeartbeatView,
  incidents: IncidentsView,
  feed: LiveFeedView,
  templates: TemplatesView,
  map: HealthMapView,
  timeline: TimelineView,
  rules: RulesView,
  automation: AutomationView,
  sources: SourcesView,
  setup: SetupView,
  settings: SettingsView,
  help: HelpView,
} as const satisfies Record<ViewName, unknown>;
const TITLES: Readonly<Record<ViewName, string>> = {
  batcave: 'Batcave',
  heartbeat: 'Heartbeat',
  incidents: 'Incidents',
  feed: 'Live feed',
  templates: 'Patterns',
  map: 'Health map',
  timeline: 'Timeline',
  rules: 'Rules',
  automation: 'Automation',
  sources: 'Sources',
  setup: 'Setup',
  settings: 'Settings',
  help: 'Help',
};

/** Rail, top bar, view and status bar. Without an agent there is one thing to do, and only that is shown. */
export function Shell() {
  const console = useConsole();
  const listed = useAgentsListed();
  const noAgent = useAgents().size === 0;
  const view = useView((state) => state.view);
  const adding = useView((state) => state.addingAgent);
  const sheetOpen = useView((state) => state.sheetOpen);
  const palette = useView((state) => state.palette);
  const wallboard = useView((state) => state.wallboard);
  const asking = useIncidentView((state) => state.question !== null);
  useWindowTitle();
  useAbsence();
  usePreload();

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
    <div className="shell" data-wallboard={wallboard || undefined} data-window={console.bridge.window}>
      <a className="skip-link" href="#main">
        Skip to the view
      </a>
      {console.bridge.window === 'main' && <Rail />}
      <TopBar />
      <main className="@container min-h-0 min-w-0 overflow-hidden [grid-area:main]" id="main" tabIndex={-1}>
        <ErrorBoundary key={view} name={TITLES[view]}>
          <Suspense>{adding ? <AddAgentView first={false} /> : <View />}</Suspense>
        </ErrorBoundary>
      </main>
      <StatusBar />
      <WhichKey />
      <Suspense>
        <Toasts />
      </Suspense>
      {asking && (
        <Suspense>
          <Questions />
        </Suspense>
      )}
      {palette !== null && (
        <Suspense>
          <Palette begin={palette} />
        </Suspense>
      )}
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
  const agents = useDesk((desk) => desk.agents);
  const view = useView((state) => state.view);
  const alarm = alarmWords(openIncidents({ agents }, { agentIds: null, services: null }));
  useEffect(() => {
    document.title = [...(alarm === '' ? [] : [alarm]), TITLES[view], 'SentinelLog'].join(' · ');
  }, [alarm, view]);
}

/** Once the first screen stands: what a key opens must be there when the key is pressed (palette ≤ 50 ms). */
const PRELOAD_AFTER_MS = 1000;

function usePreload(): void {
  useEffect(() => {
    const timer = setTimeout(() => {
      void import('../palette/palette.tsx');
      void import('../incidents/questions.tsx');
      void import('../incidents/incidents-view.tsx');
      void import('../incidents/incident-detail.tsx');
      void import('./key-sheet.tsx');
      void import('../heartbeat/explain-panel.tsx');
      void import('../heartbeat/what-if-strip.tsx');
    }, PRELOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
}

const ABSENCE_TICK_MS = 5000;

/** After five minutes behind another window, or asleep, the desk tells what happened meanwhile. */
function useAbsence(): void {
  const console = useConsole();
  useEffect(() => {
    const watch = new AbsenceWatch((fromMs) => console.incidents.cameBack(fromMs));
    const onVisible = () => watch.visible(document.visibilityState === 'visible', console.now());
    const timer = setInterval(() => watch.tick(console.now()), ABSENCE_TICK_MS);
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [console]);
}
