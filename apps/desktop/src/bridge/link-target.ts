/** Where a `sentinellog://` link can lead. It only ever navigates: there is no target that changes anything. */
export const LINK_SCHEME = 'sentinellog';

/** Views that a link may name alone. */
export const LINKED_VIEWS = ['heartbeat', 'incidents', 'timeline', 'sources', 'settings', 'setup'] as const;

export type LinkTarget =
  | {
      readonly to: 'incident';
      readonly incidentId: string;
      /** The code of its cluster, as it stands on every row; null: whichever knows it. */
      readonly cluster: string | null;
    }
  | {
      readonly to: 'heartbeat';
      /** Codes; empty: as it is. */
      readonly clusters: readonly string[];
      readonly sourceId: string | null;
      readonly span: { readonly fromMs: number; readonly toMs: number } | null;
    }
  | { readonly to: 'view'; readonly view: (typeof LINKED_VIEWS)[number] };

/** The link that leads to a place. */
export function formatLink(target: LinkTarget): string {
  switch (target.to) {
    case 'incident': {
      const cluster = target.cluster === null ? '' : `?cluster=${encodeURIComponent(target.cluster)}`;
      return `${LINK_SCHEME}://incident/${target.incidentId}${cluster}`;
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
      return `${LINK_SCHEME}://view/${target.view}`;
    default:
      return target satisfies never;
  }
}
