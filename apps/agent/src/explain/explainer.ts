import {
  type Anomaly,
  type ExplainMessage,
  type ExplainRequest,
  type ExplainRow,
  type Incident,
  LEVELS,
  MAX_OTHER_TEXT,
  parseInstantMs,
  RequestError,
  type Source,
  type Template,
  type TopCluster,
} from '@sentinellog/shared';
import { cellKey, countPast, countRange, type CountedRange, type TemplateCountsReader } from './count-cells.ts';
import { byBiggest, byRarest, type Cell, decompose, type Decomposition, type Part } from './decompose.ts';
import { levelShift } from './level-shift.ts';
import { LineTally, type RangeLine } from './line-tally.ts';
import { cellsAgainst, type OtherCluster } from './other-cluster.ts';
import { type Against, type PastRanges, pastRangesOf, type SecondsRange } from './past-ranges.ts';

export interface LineQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly sourceIds: readonly string[];
  /** Spread over the range, or until the first line that is wanted. */
  readonly mostBytes: number;
}

export interface ExplainerParts {
  readonly counts: TemplateCountsReader;
  readonly sources: { list(): readonly Source[] };
  readonly templates: { some(ids: Iterable<string>): ReadonlyMap<string, Template> };
  readonly clusters: {
    clusterOf(templateId: string): string;
    nameOf(clusterId: string): string;
    placeOf(text: string): { readonly clusterId: string | null; readonly name: string };
  };
  /** Stretches in which the agent was not looking, that touch the range. */
  readonly blind: (
    fromSecond: number,
    toSecond: number,
  ) => Promise<readonly { readonly from: number; readonly to: number }[]>;
  /** Lines of the journal: a sample spread over the range; ends by itself. */
  readonly lines: (query: LineQuery) => AsyncIterable<RangeLine>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What stands behind an explained range, before it is told row by row. */
export interface Explained {
  readonly counted: CountedRange;
  readonly baseline: PastRanges;
  readonly decomposition: Decomposition;
  readonly known: ReadonlyMap<string, Template>;
  /** Of templates that only another cluster has, and the clusters that only these make. */
  readonly otherTexts: ReadonlyMap<string, string>;
  readonly otherNames: ReadonlyMap<string, string>;
}

interface PastCell {
  readonly templateId: string;
  readonly sourceId: string;
  /** Events in each past range. */
  readonly past: number[];
}

const MAX_ROW_TEMPLATES = 20;
const MAX_ROW_SERVICES = 20;
/** At most so many explain at a time: each may read megabytes of journal. */
const MOST_AT_A_TIME = 4;
/** Of the journal, for samples and values over the range; and for a line of one row that the sample did not hold. */
const SAMPLED_BYTES = 16 * 1024 * 1024;
const LOOKED_UP_BYTES = 2 * 1024 * 1024;
/** All rows are there within 2 s (goal P9): what the journal has not given by then is left out. */
const LINES_WITHIN_MS = 1200;
const LOOK_UPS_WITHIN_MS = 400;
const MOST_LOOK_UPS = 12;
const PROGRESS_EVERY_LINES = 2000;
/** Named with an anomaly or incident; over its first minutes, which say what began. */
const TOP_CLUSTERS = 5;
/** Of one that has just begun. */
const TOP_FIRST_SECONDS = 5;
const TOP_SHORTEST_SECONDS = 60;
const TOP_LONGEST_SECONDS = 900;
const LONGEST_DAYS = 90;
const DAY = 86_400;
/** A past range of which the agent saw less than that is no past to compare with. */
const BLIND_SHARE = 0.05;

/** What a range is made of: first from counts, then with lines of the journal. */
export class Explainer {
  readonly #parts: ExplainerParts;
  #running = 0;

  constructor(parts: ExplainerParts) {
    this.#parts = parts;
  }

  /**
   * Summary, rows and remainder from counts alone, then the same rows with samples and values, then `done`. Ends early
   * when `signal` is aborted. Throws RequestError before the first message where the request cannot be answered.
   */
  async *explain(request: ExplainRequest, signal: AbortSignal): AsyncGenerator<ExplainMessage> {
    if (this.#running >= MOST_AT_A_TIME)
      throw new RequestError(
        'overloaded',
        `${MOST_AT_A_TIME} ranges are being explained already; ask again in a second`,
      );
    this.#running++;
    try {
      yield* this.#explain(request, signal);
    } finally {
      this.#running--;
    }
  }

  /** What the lines of an anomaly are. */
  ofAnomaly({ source_id, started_at_ms, last_outside_ms }: Anomaly): Promise<TopCluster[]> {
    return this.#topClusters(started_at_ms, last_outside_ms, [source_id]);
  }

  /** What the lines of an incident's sources are, while it goes on. */
  ofIncident({ alerts, started_at_ms, quiet_since_ms }: Incident): Promise<TopCluster[]> {
    const sourceIds = alerts.map(({ source_id }) => source_id);
    return this.#topClusters(started_at_ms, quiet_since_ms ?? this.#parts.now(), sourceIds);
  }

  async #topClusters(fromMs: number, toMs: number, sourceIds: readonly string[]): Promise<TopCluster[]> {
    const sources = this.#parts.sources.list().filter(({ source_id }) => sourceIds.includes(source_id));
    if (sources.length === 0) return [];
    const fromSecond = Math.floor(fromMs / 1000);
    const length = Math.min(TOP_LONGEST_SECONDS, Math.max(TOP_SHORTEST_SECONDS, Math.ceil(toMs / 1000) - fromSecond));
    // What has not happened yet would only be missed.
    const toSecond = Math.min(fromSecond + length, Math.ceil(this.#parts.now() / 1000));
    const range = { fromSecond: Math.min(fromSecond, toSecond - TOP_FIRST_SECONDS), toSecond };
    const { decomposition } = await this.#count(range, { kind: 'same_slot' }, sources);
    const parts = decomposition.parts.filter(({ moved }) => moved > 0);
    const more = parts.filter(({ count, expected }) => count > expected);
    // Of what is more than usual; where nothing is, of what differs at all.
    const weighed = (more.length > 0 ? more : parts).map((part) => ({
      part,
      weight: more.length > 0 ? part.count - part.expected : part.moved,
    }));
    const all = weighed.reduce((sum, { weight }) => sum + weight, 0);
    return weighed.slice(0, TOP_CLUSTERS).map(({ part, weight }) => ({
      cluster_id: part.clusterId,
      name: this.#parts.clusters.nameOf(part.clusterId),
      share: weight / all,
      is_new: part.status === 'new',
    }));
  }

  async *#explain(request: ExplainRequest, signal: AbortSignal): AsyncGenerator<ExplainMessage> {
    const startedMs = this.#parts.now();
    const sources = this.#sourcesOf(request.sources);
    const range = rangeOf(request, startedMs);
    const explained = await this.#count(range, againstOf(request), sources);
    const { counted, baseline, decomposition } = explained;
    const { total, expected, parts } = decomposition;
    yield {
      type: 'summary',
      from_ms: counted.fromSecond * 1000,
      to_ms: counted.toSecond * 1000,
      total,
      expected,
      excess: total - expected,
      baseline: { kind: baseline.kind, words: baseline.words, ranges: baseline.ranges.map(toMsRange) },
    };
    const ordered = parts.toSorted(request.order === 'biggest' ? byBiggest : byRarest);
    const shown = ordered.slice(0, request.limit);
    const services = new Map(sources.map(({ source_id, service }) => [source_id, service]));
    const none = new LineTally(new Map());
    for (const [rank, part] of shown.entries())
      yield { type: 'row', rank, row: this.#rowOf(part, explained, services, none) };
    yield remainderOf(ordered.slice(request.limit));

    const lines = new LineTally(textsBySource(explained));
    yield* this.#readLines(lines, explained, sources, signal);
    await this.#lookUp(lines, shown, explained, signal);
    if (signal.aborted) return;
    const shifted = shown.map((part) => ({ ...part, moved: part.moved + levelShift(part, explained.known, lines) }));
    const ranked = request.order === 'biggest' ? shifted.toSorted(byBiggest) : shifted;
    for (const [rank, part] of ranked.entries())
      yield { type: 'row', rank, row: this.#rowOf(part, explained, services, lines) };
    yield { type: 'done', took_ms: this.#parts.now() - startedMs };
  }

  async #count(range: SecondsRange, against: Against | OtherCluster, sources: readonly Source[]): Promise<Explained> {
    const { counts, templates, clusters } = this.#parts;
    const ids = sources.map(({ source_id }) => source_id);
    const counted = await countRange(counts, ids, range);
    if (against.kind === 'other_cluster') return this.#compare(counted, against);
    const { plans, baseline } = await this.#plan(counted, against, sources);
    const { pastOf, rangesOf } = await this.#readPast(counted, plans);
    const keys = new Map<string, { readonly templateId: string; readonly sourceId: string }>([
      ...counted.cells,
      ...pastOf,
    ]);
    const known = templates.some(new Set(Array.from(keys.values(), ({ templateId }) => templateId)));
    const cells = Array.from(keys, ([key, { templateId, sourceId }]): Cell => {
      const first = known.get(templateId)?.first_seen_ms;
      return {
        templateId,
        sourceId,
        count: counted.cells.get(key)?.count ?? 0,
        past: pastOf.get(key)?.past ?? Array.from({ length: rangesOf.get(sourceId) ?? 0 }, () => 0),
        isNew: first !== undefined && first >= counted.fromSecond * 1000,
      };
    });
    const decomposition = decompose(cells, (templateId) => clusters.clusterOf(templateId));
    return { counted, baseline, decomposition, known, otherTexts: new Map(), otherNames: new Map() };
  }

  #compare(counted: CountedRange, other: OtherCluster): Explained {
    const { templates, clusters } = this.#parts;
    const known = templates.some(new Set(Array.from(counted.cells.values(), ({ templateId }) => templateId)));
    const cells = cellsAgainst(counted, other, (id) => known.get(id)?.text.slice(0, MAX_OTHER_TEXT));
    const otherTexts = new Map(other.templates.map(({ template_id, text }) => [template_id, text]));
    const otherNames = new Map<string, string>();
    const decomposition = decompose(cells, (templateId) => {
      const text = otherTexts.get(templateId);
      if (known.has(templateId) || text === undefined) return clusters.clusterOf(templateId);
      const { clusterId, name } = clusters.placeOf(text);
      if (clusterId === null) otherNames.set(templateId, name);
      return clusterId ?? templateId;
    });
    const words = `what ${other.name} logged at the same time, scaled to as many lines`;
    const baseline: PastRanges = { kind: 'other_cluster', words, ranges: [] };
    return { counted, baseline, decomposition, known, otherTexts, otherNames };
  }

  /** Each source has its own zone and history, so its own past; what is said is that of most sources. */
  async #plan(range: SecondsRange, against: Against, sources: readonly Source[]) {
    const blind = await this.#parts.blind(range.fromSecond - LONGEST_DAYS * DAY, range.toSecond);
    const isBlind = (past: SecondsRange) => {
      const { fromSecond, toSecond } = past;
      const unseen = blind.map(({ from, to }) => Math.max(0, Math.min(to, toSecond) - Math.max(from, fromSecond)));
      return unseen.reduce((sum, seconds) => sum + seconds, 0) > BLIND_SHARE * (toSecond - fromSecond);
    };
    const plans = new Map<string, { readonly past: PastRanges; readonly sourceIds: string[] }>();
    for (const { source_id, time_zone, first_seen_ms } of sources) {
      const past = pastRangesOf(range, against, {
        timeZone: time_zone,
        firstSeenSecond: Math.ceil(first_seen_ms / 1000),
        isBlind,
      });
      const key = JSON.stringify(past);
      const plan = plans.get(key);
      if (plan === undefined) plans.set(key, { past, sourceIds: [source_id] });
      else plan.sourceIds.push(source_id);
    }
    const [main, ...others] = [...plans.values()].toSorted((a, b) => b.sourceIds.length - a.sourceIds.length);
    const differing = others.filter(({ past }) => past.words !== main.past.words);
    const rest = differing.reduce((sum, { sourceIds }) => sum + sourceIds.length, 0);
    const words =
      rest === 0 ? main.past.words : `${main.past.words} (${rest} of ${sources.length} sources: what is known of them)`;
    return { plans: [...plans.values()], baseline: { ...main.past, words } };
  }

  /** By cell: events in each past range of its source, scaled to the length of the range. */
  async #readPast(range: SecondsRange, plans: readonly { past: PastRanges; sourceIds: readonly string[] }[]) {
    const length = range.toSecond - range.fromSecond;
    const pastOf = new Map<string, PastCell>();
    const rangesOf = new Map<string, number>();
    for (const { past, sourceIds } of plans) {
      for (const sourceId of sourceIds) rangesOf.set(sourceId, past.ranges.length);
      for (const [at, one] of past.ranges.entries()) {
        const scale = length / (one.toSecond - one.fromSecond);
        for (const { templateId, sourceId, count } of await countPast(this.#parts.counts, sourceIds, one)) {
          const key = cellKey(templateId, sourceId);
          let cell = pastOf.get(key);
          if (cell === undefined) pastOf.set(key, (cell = { templateId, sourceId, past: past.ranges.map(() => 0) }));
          cell.past[at] += count * scale;
        }
      }
    }
    return { pastOf, rangesOf };
  }

  async *#readLines(
    lines: LineTally,
    { counted }: Explained,
    sources: readonly Source[],
    signal: AbortSignal,
  ): AsyncGenerator<ExplainMessage> {
    const ids = new Set(counted.cells.values().map(({ sourceId }) => sourceId));
    const sourceIds = sources.map(({ source_id }) => source_id).filter((id) => ids.has(id));
    if (sourceIds.length === 0) return;
    const until = this.#parts.now() + LINES_WITHIN_MS;
    const query = { ...toMsBounds(counted), sourceIds, mostBytes: SAMPLED_BYTES };
    for await (const line of this.#parts.lines(query)) {
      lines.add(line);
      if (lines.lines % PROGRESS_EVERY_LINES === 0) yield { type: 'progress', done: lines.lines, of: counted.total };
      if (signal.aborted || this.#parts.now() > until) break;
    }
    yield { type: 'progress', done: lines.lines, of: counted.total };
  }

  /** A line of each row that the sample had none of: the counts say in which second there is one. */
  async #lookUp(lines: LineTally, shown: readonly Part[], { counted }: Explained, signal: AbortSignal): Promise<void> {
    const until = this.#parts.now() + LOOK_UPS_WITHIN_MS;
    let left = MOST_LOOK_UPS;
    for (const { cells } of shown) {
      if (cells.some(({ templateId }) => lines.linesOf(templateId) > 0)) continue;
      const [first] = cells.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
      const seen = first && counted.cells.get(cellKey(first.templateId, first.sourceId))?.seen;
      if (first === undefined || seen === undefined) continue;
      if (left-- === 0) return;
      for await (const line of this.#parts.lines({
        ...toMsBounds(seen),
        sourceIds: [first.sourceId],
        mostBytes: LOOKED_UP_BYTES,
      })) {
        lines.add(line);
        if (signal.aborted || this.#parts.now() > until) return;
        if (lines.linesOf(first.templateId) > 0) break;
      }
    }
  }

  #sourcesOf(names: readonly string[] | undefined): readonly Source[] {
    const all = this.#parts.sources.list();
    if (names === undefined) {
      if (all.length === 0) throw new RequestError('not_found', 'no source has sent anything yet');
      return all;
    }
    const wanted = new Set(names);
    const found = all.filter(({ source_id, service }) => wanted.has(source_id) || wanted.has(service));
    const missing = names.filter((name) => !found.some((one) => one.source_id === name || one.service === name));
    if (missing.length > 0 || found.length === 0)
      throw new RequestError(
        'not_found',
        `body.sources names ${missing.length} that are known neither as id nor as service`,
      );
    return found;
  }

  #rowOf(
    part: Part,
    { counted, decomposition, known, otherTexts, otherNames }: Explained,
    services: ReadonlyMap<string, string>,
    lines: LineTally,
  ): ExplainRow {
    const byTemplate = [...Map.groupBy(part.cells, ({ templateId }) => templateId)].map(([templateId, cells]) => ({
      template_id: templateId,
      text:
        known.get(templateId)?.name ?? known.get(templateId)?.text ?? otherTexts.get(templateId) ?? '(no longer known)',
      count: cells.reduce((sum, { count }) => sum + count, 0),
      expected: rounded(cells.reduce((sum, cell) => sum + (part.expectedOf.get(cell) ?? 0), 0)),
      is_new: cells.some(({ isNew }) => isNew),
    }));
    byTemplate.sort((a, b) => Math.max(b.count, b.expected) - Math.max(a.count, a.expected));
    const byService = new Map<string, number>();
    const sparkline = new Float64Array(counted.steps);
    for (const { templateId, sourceId, count } of part.cells) {
      const service = services.get(sourceId) ?? sourceId;
      byService.set(service, (byService.get(service) ?? 0) + count);
      const steps = counted.cells.get(cellKey(templateId, sourceId))?.steps ?? [];
      for (const [step, events] of steps.entries()) sparkline[step] += events;
    }
    const seen = byTemplate.flatMap(({ template_id }) => known.get(template_id)?.first_seen_ms || []);
    const [biggest] = byTemplate.toSorted((a, b) => b.count - a.count);
    return {
      cluster_id: part.clusterId,
      name: otherNames.get(part.clusterId) ?? this.#parts.clusters.nameOf(part.clusterId),
      status: part.status,
      count: part.count,
      expected: part.expected,
      excess: part.count - part.expected,
      share: decomposition.total === 0 ? 0 : part.count / decomposition.total,
      templates: byTemplate.slice(0, MAX_ROW_TEMPLATES),
      levels: levelsOf(byTemplate, known, lines),
      services: Array.from(byService, ([service, count]) => ({ service, count }))
        .toSorted((a, b) => b.count - a.count || (a.service < b.service ? -1 : 1))
        .slice(0, MAX_ROW_SERVICES),
      sparkline: [...sparkline],
      first_seen_ms: seen.length === 0 ? 0 : Math.min(...seen),
      samples: samplesOf(byTemplate, lines),
      variables: biggest === undefined ? [] : lines.variablesOf(biggest.template_id),
    };
  }
}

/** As read from the journal; of templates of which nothing was read, as they have always come. Sums to the row's count. */
function levelsOf(
  templates: readonly { readonly template_id: string; readonly count: number }[],
  known: ReadonlyMap<string, Template>,
  lines: LineTally,
): ExplainRow['levels'] {
  const sums = LEVELS.map(() => 0);
  for (const { template_id, count } of templates) {
    const read = lines.levelsOf(template_id);
    const weights = LEVELS.map((level) =>
      read.size > 0 ? (read.get(level) ?? 0) : (known.get(template_id)?.levels[level] ?? 0),
    );
    for (const [at, events] of wholeShares(weights, count).entries()) sums[at] += events;
  }
  return Object.fromEntries(LEVELS.map((level, at) => [level, sums[at]])) as ExplainRow['levels'];
}

/** A whole number of events split by weights, none lost; all to the last level, `other`, where nothing is known. */
function wholeShares(weights: readonly number[], count: number): number[] {
  const all = weights.reduce((sum, one) => sum + one, 0);
  if (all === 0) return weights.map((_, at) => (at === weights.length - 1 ? count : 0));
  let passed = 0;
  let given = 0;
  return weights.map((weight) => {
    passed += weight;
    const share = Math.round((passed * count) / all) - given;
    given += share;
    return share;
  });
}

/** In turn of each template, commonest first, so that each is seen. */
function samplesOf(templates: readonly { readonly template_id: string }[], lines: LineTally): ExplainRow['samples'] {
  const most = 5;
  const all = templates.slice(0, most).map(({ template_id }) => lines.samplesOf(template_id));
  return Array.from({ length: most }, (_, turn) => all.flatMap((samples) => samples[turn] ?? []))
    .flat()
    .slice(0, most);
}

function textsBySource({ counted, known }: Explained) {
  const texts = new Map<string, { id: string; text: string }[]>();
  for (const { templateId, sourceId } of counted.cells.values()) {
    const text = known.get(templateId)?.text;
    if (text === undefined) continue;
    const list = texts.get(sourceId);
    if (list === undefined) texts.set(sourceId, [{ id: templateId, text }]);
    else list.push({ id: templateId, text });
  }
  return texts;
}

function remainderOf(rest: readonly Part[]): ExplainMessage {
  return {
    type: 'remainder',
    count: rest.reduce((sum, { count }) => sum + count, 0),
    expected: rest.reduce((sum, { expected }) => sum + expected, 0),
    clusters: rest.length,
  };
}

function rangeOf({ from, to }: Pick<ExplainRequest, 'from' | 'to'>, nowMs: number): SecondsRange {
  const fromSecond = Math.floor(instantOf(from, 'from') / 1000);
  // What has not happened yet would only be missed.
  const toSecond = Math.min(Math.ceil(instantOf(to, 'to') / 1000), Math.ceil(nowMs / 1000) + 1);
  if (fromSecond >= toSecond)
    throw new RequestError('invalid_request', 'body.from must be before body.to, and not ahead of now');
  if (toSecond - fromSecond > LONGEST_DAYS * DAY)
    throw new RequestError('invalid_request', `a range may be ${LONGEST_DAYS} days long at most`);
  return { fromSecond, toSecond };
}

function againstOf({ against }: Pick<ExplainRequest, 'against'>): Against | OtherCluster {
  if (against?.kind !== 'other_range') return against ?? { kind: 'same_slot' };
  const fromSecond = Math.floor(instantOf(against.from, 'against.from') / 1000);
  const toSecond = Math.ceil(instantOf(against.to, 'against.to') / 1000);
  if (fromSecond >= toSecond || toSecond - fromSecond > LONGEST_DAYS * DAY)
    throw new RequestError('invalid_request', `body.against must be a range of at most ${LONGEST_DAYS} days`);
  return { kind: 'other_range', fromSecond, toSecond };
}

function instantOf(value: string | number, name: string): number {
  const ms = typeof value === 'number' ? value : parseInstantMs(value);
  // 8.64e15 is the end of ECMAScript time (ECMA-262 §21.4.1.1).
  if (ms === undefined || !(ms >= 0 && ms <= 8.64e15))
    throw new RequestError(
      'invalid_request',
      `body.${name} must be milliseconds since the epoch or ISO 8601, not before 1970`,
    );
  return ms;
}

function toMsBounds({ fromSecond, toSecond }: SecondsRange) {
  return { fromMs: fromSecond * 1000, toMs: toSecond * 1000 };
}

function toMsRange({ fromSecond, toSecond }: SecondsRange) {
  return { from_ms: fromSecond * 1000, to_ms: toSecond * 1000 };
}

function rounded(value: number): number {
  return Math.round(value * 256) / 256;
}
