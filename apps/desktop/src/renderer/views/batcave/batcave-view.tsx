import '../../styles/desks.css';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { EmptyWords } from '../../components/empty-words.tsx';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { agentsInScope } from '../../stores/scope.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { BeatPanel } from './beat-panel.tsx';
import { CavePanel, Swap } from './cave-panel.tsx';
import { HooksPanel } from './hooks-panel.tsx';
import { LinesPanel } from './lines-panel.tsx';
import { MapPanel } from './map-panel.tsx';
import { RulesPanel } from './rules-panel.tsx';
import { StoryPanel } from './story-panel.tsx';
import { SummaryPanel } from './summary-panel.tsx';

/** The pointer on a wall is in nobody's hand. */
const POINTER_REST_MS = 5000;

/** Everything at a glance, each thing always in the same place (ux §2.1). */
export function BatcaveView() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const wallboard = useView((view) => view.wallboard);
  const [right, setRight] = useState<'summary' | 'map'>('summary');
  const [below, setBelow] = useState<'automation' | 'rules'>('automation');
  const cave = useRef<HTMLDivElement>(null);
  useFullScreen(wallboard && console.bridge.window !== 'wallboard');
  useEffect(() => {
    const box = cave.current;
    if (!wallboard || box === null) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    const rest = () => {
      clearTimeout(timer);
      box.style.cursor = '';
      timer = setTimeout(() => (box.style.cursor = 'none'), POINTER_REST_MS);
    };
    rest();
    document.addEventListener('pointermove', rest);
    return () => {
      clearTimeout(timer);
      box.style.cursor = '';
      document.removeEventListener('pointermove', rest);
    };
  }, [wallboard]);

  const scoped = agentsInScope(agents, { agentIds });
  const isFirstRun = scoped.every((agent) => agent.sources.size === 0);
  const swapRight = (
    <Swap
      names={[
        ['summary', 'Summary'],
        ['map', 'Map'],
      ]}
      shown={right}
      onShow={setRight}
    />
  );
  const swapBelow = (
    <Swap
      names={[
        ['automation', 'Hooks'],
        ['rules', 'Rules'],
      ]}
      shown={below}
      onShow={setBelow}
    />
  );
  return (
    <div className="cave" ref={cave}>
      <ViewTitle className="sr-only">Batcave</ViewTitle>
      {isFirstRun ? <FirstPanel /> : <BeatPanel />}
      <LinesPanel />
      <MapPanel behind={right !== 'map'} swap={swapRight} />
      <SummaryPanel behind={right !== 'summary'} swap={swapRight} />
      <StoryPanel />
      <RulesPanel behind={below !== 'rules'} swap={swapBelow} />
      <HooksPanel behind={below !== 'automation'} swap={swapBelow} />
    </div>
  );
}

/** Nothing has ever come: how to begin stands where the line will be. */
function FirstPanel() {
  const console = useConsole();
  return (
    <CavePanel place="beat" title="Heartbeat">
      <EmptyWords title="No source sends logs yet">
        <p className="pb-3">Send the first line, and its heartbeat is here within two seconds.</p>
        <Button look="primary" onClick={() => console.go('sources')}>
          Connect a source
        </Button>
      </EmptyWords>
    </CavePanel>
  );
}

/** In a browser a wallboard takes the whole screen where it may; leaving full screen leaves the wallboard. */
function useFullScreen(wallboard: boolean): void {
  const console = useConsole();
  useEffect(() => {
    if (!wallboard) return undefined;
    const onChange = () => {
      if (document.fullscreenElement === null) console.patchView({ wallboard: false });
    };
    document.documentElement.requestFullscreen().then(
      () => document.addEventListener('fullscreenchange', onChange),
      // Refused, in a frame for instance: the wallboard is then as large as the window.
      () => undefined,
    );
    return () => {
      document.removeEventListener('fullscreenchange', onChange);
      if (document.fullscreenElement !== null) void document.exitFullscreen();
    };
  }, [console, wallboard]);
}
