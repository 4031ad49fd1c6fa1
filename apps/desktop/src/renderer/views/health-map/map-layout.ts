/** Where the nodes of a map stand: the same map is always drawn the same, so that a place can be remembered. */

export const NODE_WIDTH = 132;
export const NODE_HEIGHT = 44;
const COLUMN_GAP = 56;
const ROW_GAP = 14;
const COLUMN_WIDTH = NODE_WIDTH + COLUMN_GAP;
const ROW_HEIGHT = NODE_HEIGHT + ROW_GAP;
/** Between those that call each other and those of whom nothing is known. */
const ROWS_BETWEEN = 0.5;
/** More services than this are a grid by namespace: arrows between them would be a thicket (ux §2.9). */
export const MAX_LAYERED = 60;
/** Sweeps that pull a node level with its neighbours; more change nothing that can be seen. */
const SWEEPS = 4;

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Placed {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

export interface MapLayout {
  readonly placed: readonly Placed[];
  readonly width: number;
  readonly height: number;
}

/**
 * Callers left, called right (Sugiyama's layers by longest path, then barycentres). A circle of calls is cut at the edge
 * that closes it when services are walked by name. Services that no call is known of stand below, by name, in as many
 * columns as there is room for.
 */
export function layeredLayout(ids: readonly string[], edges: readonly Edge[], columns = 1): MapLayout {
  const all = [...new Set(ids)].toSorted();
  const known = new Set(all);
  const calling = new Set(
    edges
      .filter(({ from, to }) => from !== to && known.has(from) && known.has(to))
      .flatMap(({ from, to }) => [from, to]),
  );
  const layered = layersOf(
    all.filter((id) => calling.has(id)),
    edges,
  );
  const alone = all.filter((id) => !calling.has(id));
  const firstRow = layered.rows === 0 ? 0 : layered.rows + ROWS_BETWEEN;
  const across = Math.max(1, layered.columns, Math.min(columns, alone.length));
  const cells = [
    ...layered.cells,
    ...alone.map((id, i) => ({ id, column: i % across, row: firstRow + Math.floor(i / across) })),
  ];
  const rows = alone.length === 0 ? layered.rows : firstRow + Math.ceil(alone.length / across);
  return {
    placed: cells
      .map(({ id, column, row }) => ({ id, x: column * COLUMN_WIDTH, y: row * ROW_HEIGHT }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    width: across * COLUMN_WIDTH - COLUMN_GAP,
    height: Math.max(1, rows) * ROW_HEIGHT - ROW_GAP,
  };
}

/** How many columns of nodes stand side by side in so many pixels. */
export function columnsWithin(width: number): number {
  return Math.max(1, Math.floor((width + COLUMN_GAP) / COLUMN_WIDTH));
}

interface Cells {
  readonly cells: readonly { readonly id: string; readonly column: number; readonly row: number }[];
  readonly columns: number;
  readonly rows: number;
}

function layersOf(sorted: readonly string[], edges: readonly Edge[]): Cells {
  if (sorted.length === 0) return { cells: [], columns: 0, rows: 0 };
  const acyclic = withoutCircles(sorted, edges);
  const layerOf = longestPaths(sorted, acyclic);
  const count = Math.max(0, ...layerOf.values()) + 1;
  const ofLayer = Array.from({ length: count }, (_, layer) => sorted.filter((id) => layerOf.get(id) === layer));
  const neighbours = new Map(sorted.map((id) => [id, new Set<string>()]));
  for (const { from, to } of acyclic) {
    neighbours.get(from)?.add(to);
    neighbours.get(to)?.add(from);
  }
  const tallest = Math.max(1, ...ofLayer.map((layer) => layer.length));
  const rows = new Map<string, number>();
  const settle = (layer: readonly string[]) => {
    const top = (tallest - layer.length) / 2;
    for (const [row, id] of layer.entries()) rows.set(id, top + row);
  };
  for (const layer of ofLayer) settle(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const layer of ofLayer) {
      const wish = new Map(layer.map((id) => [id, meanRow(neighbours.get(id), rows) ?? rows.get(id) ?? 0]));
      settle(layer.toSorted((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || (a < b ? -1 : 1)));
    }
  }
  return {
    cells: sorted.map((id) => ({ id, column: layerOf.get(id) ?? 0, row: rows.get(id) ?? 0 })),
    columns: count,
    rows: tallest,
  };
}

/** What stands before the first `-`, `.` or `/`: how most teams name what belongs together. */
export function namespaceOf(service: string): string {
  return /^[^\-./]+/.exec(service)?.[0] ?? service;
}

export type Way = 'left' | 'right' | 'up' | 'down';

/** The nearest node in a direction: what lies straight ahead counts for more than what is near but to the side. */
export function nearest(placed: readonly Placed[], from: string, way: Way): string | null {
  const here = placed.find(({ id }) => id === from);
  if (here === undefined) return placed[0]?.id ?? null;
  const distance = ({ x, y }: Placed): number => {
    const dx = x - here.x;
    const dy = y - here.y;
    const [ahead, aside] =
      way === 'left' ? [-dx, dy] : way === 'right' ? [dx, dy] : way === 'up' ? [-dy, dx] : [dy, dx];
    return ahead <= 0 ? Number.POSITIVE_INFINITY : ahead + 2 * Math.abs(aside);
  };
  const best = placed.toSorted((a, b) => distance(a) - distance(b) || (a.id < b.id ? -1 : 1))[0];
  return best === undefined || distance(best) === Number.POSITIVE_INFINITY ? null : best.id;
}

function withoutCircles(ids: readonly string[], edges: readonly Edge[]): readonly Edge[] {
  const known = new Set(ids);
  const next = new Map(ids.map((id): [string, string[]] => [id, []]));
  for (const { from, to } of edges.toSorted((a, b) => (a.to < b.to ? -1 : 1))) {
    if (from !== to && known.has(from) && known.has(to)) next.get(from)?.push(to);
  }
  const state = new Map<string, 'open' | 'done'>();
  const kept: Edge[] = [];
  const walk = (from: string): void => {
    state.set(from, 'open');
    for (const to of new Set(next.get(from))) {
      if (state.get(to) === 'open') continue;
      kept.push({ from, to });
      if (state.get(to) === undefined) walk(to);
    }
    state.set(from, 'done');
  };
  // Whoever nobody calls begins: a request enters there.
  const called = new Set([...next.values()].flat());
  for (const id of [...ids.filter((one) => !called.has(one)), ...ids]) if (!state.has(id)) walk(id);
  return kept;
}

function longestPaths(ids: readonly string[], acyclic: readonly Edge[]): ReadonlyMap<string, number> {
  const callers = new Map(ids.map((id): [string, string[]] => [id, []]));
  for (const { from, to } of acyclic) callers.get(to)?.push(from);
  const layers = new Map<string, number>();
  const layerOf = (id: string): number => {
    const known = layers.get(id);
    if (known !== undefined) return known;
    const layer = Math.max(-1, ...(callers.get(id) ?? []).map(layerOf)) + 1;
    layers.set(id, layer);
    return layer;
  };
  for (const id of ids) layerOf(id);
  return layers;
}

function meanRow(neighbours: ReadonlySet<string> | undefined, rows: ReadonlyMap<string, number>): number | null {
  if (neighbours === undefined || neighbours.size === 0) return null;
  return [...neighbours].reduce((sum, id) => sum + (rows.get(id) ?? 0), 0) / neighbours.size;
}
