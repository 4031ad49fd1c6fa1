import { useCallback, useEffect, useState } from 'react';
import type { TimelineEntry } from '@sentinellog/shared';
import { agentsInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useDesk, useView } from '../../stores/use-console.ts';

export interface AgentEntries {
  readonly agentId: string;
  readonly entries: readonly TimelineEntry[];
  readonly nextCursor: string | null;
  readonly error: string | null;
}

interface Loaded extends Omit<AgentEntries, 'agentId'> {
  /** Grows with every change of the desk; an answer to an older question is late and is let go. */
  readonly asOf: number;
}

/** The newest `limit` entries of each agent in scope, asked for again whenever something has happened to an incident. */
export function useTimeline(limit: number): {
  readonly inScope: readonly AgentEntries[];
  /** Asks an agent again; with a cursor for what is older. */
  readonly load: (agentId: string, cursor: string | null) => void;
} {
  const console = useConsole();
  const agents = useAgents();
  const desk = useDesk((state) => state.agents);
  const agentIds = useView((view) => view.agentIds);
  const [loaded, setLoaded] = useState<ReadonlyMap<string, Loaded>>(new Map());
  const scopedIds = agentsInScope(agents, { agentIds })
    .map(({ saved }) => saved.agentId)
    .join(' ');

  // What happens to an incident comes with its new version; the timeline is asked again then.
  const asOf = [...desk.values()].reduce(
    (sum, rows) => sum + [...rows.values()].reduce((all, { incident }) => all + incident.version, 0),
    0,
  );
  const load = useCallback(
    (agentId: string, cursor: string | null) => {
      const ask = async () => {
        const answer = await console.bridge.timeline({ agentId, incidentId: null, cursor, limit });
        setLoaded((before) => {
          const known = before.get(agentId);
          if (known !== undefined && known.asOf > asOf) return before;
          const old = known?.entries ?? [];
          const next: Loaded = answer.ok
            ? {
                entries: cursor === null ? answer.value.entries : [...old, ...answer.value.entries],
                nextCursor: answer.value.next_cursor,
                error: null,
                asOf,
              }
            : { entries: old, nextCursor: null, error: answer.error.detail, asOf };
          return new Map([...before, [agentId, next]]);
        });
      };
      void ask();
    },
    [console, limit, asOf],
  );
  useEffect(() => {
    for (const agentId of scopedIds.split(' ').filter((id) => id !== '')) load(agentId, null);
  }, [load, scopedIds]);

  const inScope = scopedIds.split(' ').flatMap((agentId) => {
    const state = loaded.get(agentId);
    return state === undefined ? [] : [{ agentId, ...state }];
  });
  return { inScope, load };
}
