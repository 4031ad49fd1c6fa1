/** Where a `sentinellog://` link can lead. It only ever navigates: there is no target that changes anything. */
export const LINK_SCHEME = 'sentinellog';

/** Every view of the console, in the order of its rail: each can be named by a link. */
export const LINKED_VIEWS = [
  'batcave',
  'heartbeat',
  'incidents',
  'feed',
  'templates',
  'map',
  'timeline',
  'rules',
  'automation',
  'sources',
  'setup',
  'settings',
  'help',
] as const;

/** What of an incident can be shown. */
export const INCIDENT_TABS = ['overview', 'clusters', 'logs', 'timeline', 'hooks'] as const;

export type LinkTarget =
  | {
      readonly to: 'incident';
      readonly incidentId: string;
      /** The code of its cluster, as it stands on every row; null: whichever knows it. */
      readonly cluster: string | null;
      /** null: the one that was looked at last. */
      readonly tab: (typeof INCIDENT_TABS)[number] | null;
    }
  | {
      readonly to: 'heartbeat';
      /** Codes; empty: as it is. */
      readonly clusters: readonly string[];
      readonly sourceId: string | null;
      readonly span: { readonly fromMs: number; readonly toMs: number } | null;
    }
  | { readonly to: 'rule'; readonly ruleId: string }
  | {
      readonly to: 'view';
      readonly view: (typeof LINKED_VIEWS)[number];
      /** What is narrowed down and zoomed there, in the words of the page's own address; empty: as it is. */
      readonly query: string;
    };

/** The link that leads to a place. */
export function formatLink(target: LinkTarget): string {
  switch (target.to) {
    case 'incident': {
      const query = [
        ...(target.tab === null ? [] : [`tab=${target.tab}`]),
        ...(target.cluster === null ? [] : [`cluster=${encodeURIComponent(target.cluster)}`]),
      ];
      return `${LINK_SCHEME}://incident/${target.incidentId}${query.length === 0 ? '' : `?${query.join('&')}`}`;
    }
    case 'heartbeat': {
      const query = [
        ...(target.clusters.length === 0 ? [] : [`cluster=${target.clusters.map(encodeURIComponent).join(',')}`]),
        ...(target.sourceId === null ? [] : [`source=${target.sourceId}`]),
        ...(target.span === null ? [] : [`from=${target.span.fromMs}`, `to=${target.span.toMs}`]),
      ];
      return `${LINK_SCHEME}://heartbeat${query.length === 0 ? '' : `?${query.join('&')}`}`;
    }
    case 'view':
      return `${LINK_SCHEME}://view/${target.view}${target.query === '' ? '' : `?${target.query}`}`;
    case 'rule':
      return `${LINK_SCHEME}://rule/${target.ruleId}`;
    default:
      return target satisfies never;
  }
}
