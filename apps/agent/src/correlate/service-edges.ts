/**
 * Who calls whom, learnt from trace ids. In one trace a service speaks after all that led to it: its caller, the callers of
 * that one, and by chance some siblings. The caller leads in every trace, a sibling only in some; so each trace first counts
 * who led, and then votes for the last one among those that have led (nearly) always. One trace proves little (loggers
 * write on return as well), so an edge is what has won the votes.
 */

/** A log line that names its trace. */
export interface TracedLine {
  readonly tenant: string;
  readonly service: string;
  readonly traceId: string;
  readonly atMs: number;
}

export interface ServiceEdge {
  readonly tenant: string;
  /** `from` calls `to`. */
  readonly from: string;
  readonly to: string;
  /** Votes; they are halved now and then, so that an old wiring is forgotten. */
  readonly weight: number;
}

/** An edge with what its votes rest on: the traces in which `from` spoke before `to`. */
export interface LearntPair extends ServiceEdge {
  readonly led: number;
}

/** Votes kept for pairs of services over all tenants; the lightest go first. */
const MAX_PAIRS = 5000;
/** A pair whose votes reach this is halved together with its rivals: what was true last month must not outvote today. */
const HALVE_AT = 10_000;
/** Fewer votes are chance. */
const MIN_VOTES = 3;
/** A caller must have so large a share of the votes for the service that it calls. */
const MIN_SHARE = 0.2;
/** Who has led in so large a part of the most that anybody did may be the caller; a sibling leads half of the time. */
const LEADS_ALWAYS = 0.8;

interface Tally {
  votes: number;
  led: number;
}

export class ServiceEdges {
  /** tenant → callee → caller → what is known of the pair. */
  readonly #pairsOf = new Map<string, Map<string, Map<string, Tally>>>();
  #pairs = 0;
  #dropped = 0;
  #isChanged = false;
  readonly #known = new Map<string, ReadonlySet<string>>();

  /** Pairs that were forgotten for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Lines of one stretch of time, in any order; a trace counts with the services that speak in it. */
  learn(lines: readonly TracedLine[]): void {
    const traces = Map.groupBy(lines, ({ tenant, traceId }) => `${tenant}\0${traceId}`);
    for (const trace of traces.values()) {
      const first = new Map<string, TracedLine>();
      for (const line of trace) {
        const known = first.get(line.service);
        if (known === undefined || line.atMs < known.atMs) first.set(line.service, line);
      }
      const order = [...first.values()].toSorted((a, b) => a.atMs - b.atMs);
      for (const callee of order) {
        // Two that speak in the same millisecond say nothing about who was first.
        const before = order.filter((line) => line.atMs < callee.atMs);
        for (const { service } of before) this.#add(callee.tenant, service, callee.service, { votes: 0, led: 1 });
        const caller = this.#callerAmong(before, callee);
        if (caller !== undefined) this.#add(callee.tenant, caller.service, callee.service, { votes: 1, led: 0 });
      }
    }
    if (this.#pairs > MAX_PAIRS) this.#trim();
  }

  /** @param before in the order in which they spoke */
  #callerAmong(before: readonly TracedLine[], { tenant, service }: TracedLine): TracedLine | undefined {
    const tallies = this.#pairsOf.get(tenant)?.get(service);
    const ledBy = (line: TracedLine) => tallies?.get(line.service)?.led ?? 0;
    const most = Math.max(0, ...before.map(ledBy));
    return before.findLast((line) => ledBy(line) >= LEADS_ALWAYS * most);
  }

  restore(pairs: readonly LearntPair[]): void {
    for (const { tenant, from, to, weight, led } of pairs.slice(0, MAX_PAIRS))
      this.#add(tenant, from, to, { votes: weight, led });
    this.#isChanged = false;
  }

  /** All pairs when there are new ones since the last call, to be stored. */
  takeChanged(): readonly LearntPair[] | null {
    if (!this.#isChanged) return null;
    this.#isChanged = false;
    return this.#all();
  }

  /** The edges that have won, of every tenant. */
  edges(): readonly ServiceEdge[] {
    return [...this.#pairsOf.keys()].flatMap((tenant) => this.#edgesOf(tenant));
  }

  /** Does `from` call `to`, as far as is known? */
  calls(tenant: string, from: string, to: string): boolean {
    let known = this.#known.get(tenant);
    if (known === undefined) {
      known = new Set(this.#edgesOf(tenant).map((edge) => `${edge.from}\0${edge.to}`));
      this.#known.set(tenant, known);
    }
    return known.has(`${from}\0${to}`);
  }

  #edgesOf(tenant: string): ServiceEdge[] {
    const callees = this.#pairsOf.get(tenant);
    const edges: ServiceEdge[] = [];
    for (const [to, callers] of callees ?? []) {
      const all = [...callers.values()].reduce((sum, { votes }) => sum + votes, 0);
      for (const [from, { votes, led }] of callers) {
        const backwards = callees?.get(from)?.get(to)?.led ?? 0;
        if (votes >= MIN_VOTES && votes >= MIN_SHARE * all && led > backwards)
          edges.push({ tenant, from, to, weight: votes });
      }
    }
    return edges;
  }

  #add(tenant: string, from: string, to: string, { votes, led }: Tally): void {
    const ofTenant = valueOr(this.#pairsOf, tenant, () => new Map<string, Map<string, Tally>>());
    const callers = valueOr(ofTenant, to, () => new Map<string, Tally>());
    if (!callers.has(from)) this.#pairs++;
    const tally = valueOr(callers, from, () => ({ votes: 0, led: 0 }));
    tally.votes += votes;
    tally.led += led;
    if (tally.led >= HALVE_AT)
      for (const each of callers.values()) {
        each.votes /= 2;
        each.led /= 2;
      }
    this.#isChanged = true;
    this.#known.delete(tenant);
  }

  #all(): LearntPair[] {
    return [...this.#pairsOf].flatMap(([tenant, callees]) =>
      [...callees].flatMap(([to, callers]) =>
        [...callers].map(([from, { votes, led }]) => ({ tenant, from, to, weight: votes, led })),
      ),
    );
  }

  #trim(): void {
    const room = Math.floor(MAX_PAIRS * 0.9);
    const kept = this.#all().toSorted((a, b) => b.led - a.led);
    this.#dropped += kept.length - room;
    this.#pairsOf.clear();
    this.#known.clear();
    this.#pairs = 0;
    for (const { tenant, from, to, weight, led } of kept.slice(0, room))
      this.#add(tenant, from, to, { votes: weight, led });
  }
}

function valueOr<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
