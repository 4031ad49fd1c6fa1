import type { IncidentDetail } from '@sentinellog/shared';
import { percent } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { CommandButton } from '../shell/command-button.tsx';

/** What its first minutes are made of, by share; the whole of it is one key away. */
export function IncidentClusters({ detail }: { readonly detail: IncidentDetail | null }) {
  if (detail === null) return <p className="late-words text-sm text-text-3">Loading the patterns …</p>;
  const { top_clusters: clusters } = detail;
  return (
    <div className="flex flex-col gap-3 text-sm">
      {clusters === undefined || clusters.length === 0 ? (
        <p className="text-text-3">
          {clusters === undefined
            ? 'This agent does not say which patterns an incident is made of: update it.'
            : 'No pattern stands out in its first minutes: the mix of lines is the usual one.'}
        </p>
      ) : (
        <ol className="flex flex-col">
          {clusters.map(({ cluster_id, name, share, is_new }) => (
            <li className="flex min-h-8 items-center gap-3 border-b border-line-1 last:border-0" key={cluster_id}>
              <span className="w-12 text-right text-text-2 tabular-nums">{percent(Math.round(share * 100) / 100)}</span>
              <span aria-hidden="true" className="h-2 w-24 rounded-sm bg-bg-0">
                <span className="block h-2 rounded-sm bg-accent" style={{ width: `${Math.min(1, share) * 100}%` }} />
              </span>
              <span className="min-w-0 flex-1 truncate">
                {visibleText(name)}
                {is_new && <span className="ml-2 text-2xs font-semibold text-accent">NEW</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
      <div>
        <CommandButton id="incident.explain" label="Explain all of it" />
      </div>
    </div>
  );
}
