import { SEVERITIES } from '@sentinellog/shared';
import { faceOf, type DeskFace, type DeskStatus, type NamedIncident } from '../../bridge/desk-status.ts';
import type { Freshness } from '../../bridge/freshness.ts';
import { alarmWords } from '../../bridge/open-count.ts';

/** Everything that the tray shows of a status: shape, figure and words. */
export interface TrayWords {
  readonly face: DeskFace;
  /** Some figure may be old or missing: drawn as a "?" beside the shape. */
  readonly doubtful: boolean;
  /** Open P1 and P2: what a badge on the dock counts. */
  readonly badge: number;
  /** Beside the icon where a system shows text there (macOS). */
  readonly title: string;
  readonly tooltip: string;
  readonly worst: readonly { readonly label: string; readonly named: NamedIncident }[];
  readonly clusters: string;
}

const TITLE_LENGTH = 60;

export function trayWords(status: DeskStatus): TrayWords {
  const { face, doubtful } = faceOf(status);
  const { open, silenced, clusters, clustersUp, freshness } = status;
  const counts = SEVERITIES.flatMap((severity) => {
    const count = open?.[severity] ?? 0;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  const incidents = open === null ? 'incidents unknown' : counts.length === 0 ? 'no open incident' : counts.join(', ');
  const alarm = alarmWords(open);
  return {
    face,
    doubtful,
    badge: (open?.P1 ?? 0) + (open?.P2 ?? 0),
    title: [alarm, ...(doubtful ? ['?'] : [])].join(' ').trim(),
    tooltip: [
      `SentinelLog: ${incidents}${silenced === 0 ? '' : `, ${silenced} silenced`}`,
      FRESHNESS_WORDS[freshness.type],
      ...(clusters === 0 ? [] : [`${clustersUp} of ${clusters} clusters connected`]),
    ].join('\n'),
    worst: status.worst.map((named) => ({ label: incidentLabel(named), named })),
    clusters: clusters === 0 ? 'No cluster yet' : `Clusters connected: ${clustersUp} of ${clusters}`,
  };
}

/** The chip's words: the page says the same with a figure beside it. */
const FRESHNESS_WORDS: Readonly<Record<Freshness['type'], string>> = {
  live: 'LIVE',
  lagging: 'LAG',
  stale: 'STALE: the figures are old',
  held: 'HELD',
  degraded: 'DEGRADED: something is missing',
  reconnecting: 'RECONNECTING: the figures are old',
  offline: 'OFFLINE: the figures are old',
  refused: 'REFUSED: an agent does not let this console in',
  connecting: 'CONNECTING',
  waiting: 'CONNECTED, no log line yet',
  no_agent: 'NO AGENT',
};

export function incidentLabel({ code, incident }: NamedIncident): string {
  const where = `${incident.first_mover.service}@${code}`;
  const text = `${incident.severity} ${where}: ${incident.title}`.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');
  // In a menu `&` marks the next letter as its key.
  const plain = text.replaceAll('&', '&&');
  return plain.length > TITLE_LENGTH ? `${plain.slice(0, TITLE_LENGTH - 1)}…` : plain;
}
