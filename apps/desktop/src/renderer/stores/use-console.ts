import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Agents } from './agents-state.ts';
import type { Console } from './console.ts';
import type { DeskState } from './desk-state.ts';
import type { DetailState } from './incident-details.ts';
import type { IncidentConsole, IncidentViewState } from './incident-console.ts';
import type { InboxState } from './inbox.ts';
import type { History } from './history-loader.ts';
import type { ViewState } from './view-store.ts';

export const ConsoleContext = createContext<Console | null>(null);

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === null) throw new Error('a view was rendered outside <ConsoleContext>');
  return found;
}

export function useView<Part>(select: (view: ViewState) => Part): Part {
  return useStore(useConsole().view, select);
}

export function useIncidents(): IncidentConsole {
  return useConsole().incidents;
}

export function useDesk<Part>(select: (desk: DeskState) => Part): Part {
  return useStore(useIncidents().desk.state, select);
}

export function useInbox<Part>(select: (inbox: InboxState) => Part): Part {
  return useStore(useIncidents().inbox.state, select);
}

export function useIncidentView<Part>(select: (view: IncidentViewState) => Part): Part {
  return useStore(useIncidents().view, select);
}

export function useIncidentDetail(key: string): DetailState | undefined {
  return useStore(useIncidents().details.state, (details) => details.get(key));
}

/** The code that has to be typed before something in this cluster that cannot be undone; null where it is not protected. */
export function useProtectedCode(agentId: string | undefined): string | null {
  const isProtected = useView(
    ({ preferences }) => agentId !== undefined && preferences.protectedAgents.includes(agentId),
  );
  const code = useStore(useConsole().agents, ({ agents }) => agents.get(agentId ?? '')?.saved.code);
  return isProtected ? (code ?? null) : null;
}

export function useAgents(): Agents {
  return useStore(useConsole().agents, (state) => state.agents);
}

export function useAgentsListed(): boolean {
  return useStore(useConsole().agents, (state) => state.listed);
}

export function useMissingAnomalies(): ReadonlyMap<string, string> {
  return useStore(useConsole().missingAnomalies);
}

export function useHistories(): ReadonlyMap<string, History> {
  return useStore(useConsole().history.states);
}
