import { MAX_LINES_PER_SECOND } from '@sentinellog/shared';
import { useEffect, useState } from 'react';
import { LineFeed } from '../../stores/line-feed.ts';
import { agentsInScope, sourcesInScope } from '../../stores/scope.ts';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import type { FeedFilter } from '../../stores/view-store.ts';

/** A word is asked for once the hand rests. */
const TYPED_MS = 250;
/** The agent takes no longer list of sources. */
const MAX_SOURCES = 1000;

/** The lines of what is in scope while the page shows them, at most so many a second. */
export function useLineFeed(filter: FeedFilter, perSecond: number = MAX_LINES_PER_SECOND): LineFeed {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const [feed] = useState(
    () =>
      new LineFeed({
        now: console.now,
        setTimer: (run, ms) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
        watchLines: (ids, wish) => console.bridge.watchLines({ agentIds: ids, wish }),
        onEvent: (listener) => console.bridge.onEvent(listener),
      }),
  );
  const wanted = agentsInScope(agents, { agentIds })
    .map(({ saved }) => saved.agentId)
    .join(' ');
  const sourceIds =
    services === null
      ? null
      : sourcesInScope(agents, { agentIds, services })
          .map(({ ref }) => ref.sourceId)
          .join(' ');
  useEffect(() => {
    const timer = setTimeout(() => {
      const ids = wanted.split(' ').filter(Boolean);
      const { text, levels, template } = filter;
      void feed.watch(ids, {
        // Shared among the clusters, so that one screen stays within what an eye can follow.
        rate: Math.max(1, Math.floor(perSecond / Math.max(1, ids.length))),
        filter: {
          ...(text === '' ? {} : { text }),
          ...(levels.length === 0 ? {} : { levels: [...levels] }),
          ...(template === null ? {} : { templates: [template.templateId] }),
          ...(sourceIds === null ? {} : { sources: sourceIds.split(' ').filter(Boolean).slice(0, MAX_SOURCES) }),
        },
      });
    }, TYPED_MS);
    return () => clearTimeout(timer);
  }, [feed, wanted, sourceIds, filter, perSecond]);
  useEffect(() => () => void feed.stop(), [feed]);
  return feed;
}
