import { SENSITIVITY_SIGMA, type DrawnSignal } from '@sentinellog/shared';
import type { BeatGrid, GridColumns } from './beat-grid.ts';
import type { Console } from './console.ts';
import type { ScopedSource } from './scope.ts';
import type { TimeRangeId } from './time-range.ts';
import type { Span } from './view-window.ts';

/** More lines than colours that every eye can tell apart are shown as tiles instead. */
export const MAX_CLUSTER_LINES = 6;

/** What the charts draw from, cut to what is in scope. Made anew only when the scope itself changes. */
export interface FeedSource {
  readonly signal: DrawnSignal;
  readonly stepSeconds: number;
  readonly lines: readonly { readonly label: string; readonly colour: number | null }[];
  readonly thresholdName: string | null;
  readonly learning: boolean;
  /** There is a baseline that belongs to the line. */
  readonly banded: boolean;
  version(): number;
  span(): Span;
  read(fromSecond: number, toSecond: number): readonly GridColumns[];
  newestMs(): number | null;
  dataAgeMs(): number | null;
}

/** Charts on one screen, and those of the screens looked at just before. */
const MAX_SOURCES_KEPT = 64;

/**
 * Hands out the sources of charts. A chart lives as long as its source, so the same choice gives the same object: a
 * service that merely learnt another hour must not make a new chart.
 */
export class PlotSources {
  readonly #console: Console;
  readonly #made = new Map<string, FeedSource>();

  constructor(console: Console) {
    this.#console = console;
  }

  /** One service or one cluster with its band; a line a cluster where there are several. */
  of(sources: readonly ScopedSource[], signal: DrawnSignal, rangeId: TimeRangeId): FeedSource {
    const identity = [
      signal,
      rangeId,
      ...sources.map(({ ref, source: { sensitivity, learning }, agent: { saved } }) =>
        [ref.agentId, ref.sourceId, sensitivity, learning, saved.code, saved.colour].join('/'),
      ),
    ].join(' ');
    const clusters = new Set(sources.map(({ ref }) => ref.agentId)).size;
    const make = clusters > 1 ? clusterSource : bandedSource;
    const source = this.#made.get(identity) ?? make(this.#console, sources);
    this.#made.delete(identity);
    this.#made.set(identity, source);
    if (this.#made.size > MAX_SOURCES_KEPT) this.#made.delete(this.#made.keys().next().value ?? '');
    return source;
  }
}

interface FeedLine {
  readonly label: string;
  readonly colour: number | null;
  readonly grid: () => BeatGrid | undefined;
}

/** One line with its band: a source alone, or several of one cluster added up. */
function bandedSource(console: Console, sources: readonly ScopedSource[]): FeedSource {
  const refs = sources.map(({ ref }) => ref);
  const [only] = refs;
  const grid = () =>
    only !== undefined && refs.length === 1 ? console.feed.grid(only) : refreshed(console.feed.total(refs));
  // The worst share of several services is now one's, now another's: no band can belong to it.
  const banded = console.feed.shape.signal === 'volume' || refs.length === 1;
  const sensitivities = new Set(sources.map(({ source }) => source.sensitivity));
  const [sensitivity] = sensitivities;
  return feedSource(console, agentIdsOf(sources), [{ label: '', colour: null, grid }], {
    banded,
    thresholdName:
      banded && sensitivity !== undefined && sensitivities.size === 1 ? `${SENSITIVITY_SIGMA[sensitivity]}σ` : null,
    learning: sources.some(({ source }) => source.learning === 'learning'),
  });
}

/** A line a cluster, each the sum of its sources in scope. */
function clusterSource(console: Console, sources: readonly ScopedSource[]): FeedSource {
  const lines = [...Map.groupBy(sources, ({ ref }) => ref.agentId).values()]
    .slice(0, MAX_CLUSTER_LINES)
    .map((ofCluster): FeedLine => {
      const refs = ofCluster.map(({ ref }) => ref);
      const { code, colour } = ofCluster[0]!.agent.saved;
      return { label: code, colour, grid: () => refreshed(console.feed.total(refs)) };
    });
  return feedSource(console, agentIdsOf(sources), lines, { banded: false, thresholdName: null, learning: false });
}

function feedSource(
  console: Console,
  agentIds: readonly string[],
  lines: readonly FeedLine[],
  words: Pick<FeedSource, 'banded' | 'thresholdName' | 'learning'>,
): FeedSource {
  const { feed } = console;
  const { signal, stepSeconds } = feed.shape;
  return {
    signal,
    stepSeconds,
    lines: lines.map(({ label, colour }) => ({ label, colour })),
    ...words,
    version: () => feed.version,
    span: () => console.span(agentIds),
    read: (fromSecond, toSecond) =>
      lines.map(({ grid }) => {
        const from = Math.floor(fromSecond / stepSeconds);
        const to = Math.ceil(toSecond / stepSeconds) - 1;
        return grid()?.columns(from, to) ?? NO_COLUMNS;
      }),
    newestMs: () => {
      const newest = Math.max(...lines.map(({ grid }) => grid()?.newest ?? -1));
      return newest < 0 ? null : (newest + 1) * stepSeconds * 1000;
    },
    dataAgeMs: () => {
      const ages = agentIds.map((agentId) => console.dataAgeMs(agentId, console.now())).filter((age) => age !== null);
      return ages.length === 0 ? null : Math.min(...ages);
    },
  };
}

const NO_COLUMNS: GridColumns = { t: [], value: [], mean: [], lower: [], upper: [] };

function refreshed(total: { readonly grid: BeatGrid; refresh(): void }): BeatGrid {
  total.refresh();
  return total.grid;
}

function agentIdsOf(sources: readonly ScopedSource[]): readonly string[] {
  return [...new Set(sources.map(({ ref }) => ref.agentId))];
}
