import type { Direction, Severity, Signal, Verdict } from '@sentinellog/shared';
import { severityOf } from '@sentinellog/shared';
import { type Span, replaySeconds, type StoredSeconds } from './replay.ts';
import { SourceWatch, type WatchSettings } from './source-watch.ts';

/** Steps that people think in; the source's own σ is added. */
export const LADDER_SIGMAS: readonly number[] = [2, 2.5, 3, 3.5, 4, 5];
/** S2-10: what comes back within half an hour is the same incident. */
const COOLDOWN_SECONDS = 30 * 60;
const WEEK = 7 * 86_400;
/** Two descriptions of one anomaly may be so far apart: its onset is seen in a window of five minutes. */
const SAME_WITHIN_SECONDS = 300;

/** An anomaly as far as a ladder compares it. Unix seconds. */
export interface Told {
  readonly signal: Signal;
  readonly direction: Direction;
  /** Start of its first window outside, and the end of its last; infinite while it is open. */
  readonly from: number;
  readonly to: number;
  /** When it was told. */
  readonly at: number;
  readonly severity: Severity;
}

/** One that really fired, with what people said of it. */
export interface Fired extends Told {
  readonly verdict: Verdict | null;
}

export interface LadderReplay {
  /** Warm-up and range. */
  readonly stored: StoredSeconds;
  /** Only what is told from here on counts; what is before is learnt from. */
  readonly from: number;
  /** As the source is set: what the warm-up runs at. */
  readonly settings: WatchSettings;
  /** What the source had learnt when `stored` begins; null: nothing. */
  readonly state: Uint8Array | null;
  readonly sigmas: readonly number[];
}

/** What each σ would have told: the live engine on the source's own past, all steps side by side from one baseline. */
export function replayLadder({ stored, from, settings, state, sigmas }: LadderReplay): {
  readonly seconds: number;
  readonly told: readonly (readonly Told[])[];
} {
  const learner = state ? SourceWatch.restore(state, settings) : new SourceWatch(settings);
  replaySeconds({ ...stored, to: from }, (second, counts) => void learner.observe(second, counts));
  const asOf = learner.snapshot();
  const steps = sigmas.map((sigma) => ({
    watch: SourceWatch.restore(asOf, { ...settings, sigma }),
    told: new ToldLog(),
  }));
  const seconds = replaySeconds({ ...stored, from }, (second, counts) => {
    for (const { watch, told } of steps) {
      for (const event of watch.observe(second, counts)) told.add(event);
    }
  });
  return { seconds, told: steps.map(({ told }) => told.all) };
}

type Change = ReturnType<SourceWatch['observe']>[number];

class ToldLog {
  readonly #all: Told[] = [];
  /** Place in `#all` of the open one of each signal. */
  readonly #open = new Map<Signal, number>();

  add(change: Change): void {
    const at = this.#open.get(change.signal);
    switch (change.type) {
      case 'opened': {
        const { window, direction, score } = change.finding;
        this.#open.set(change.signal, this.#all.length);
        this.#all.push({
          signal: change.signal,
          direction,
          from: window.end - window.seconds,
          to: Number.POSITIVE_INFINITY,
          at: change.second + 1,
          severity: severityOf(score),
        });
        return;
      }
      case 'worsened':
        if (at !== undefined) this.#all[at] = { ...this.#all[at], severity: severityOf(change.finding.score) };
        return;
      case 'recovered':
        if (at !== undefined) this.#all[at] = { ...this.#all[at], to: change.lastOutside };
        this.#open.delete(change.signal);
        return;
      case 'early':
      case 'confirmed':
      case 'withdrawn':
        // Closed seconds alone are replayed: nothing is early in them.
        return;
    }
  }

  get all(): readonly Told[] {
    return this.#all;
  }
}

/** Who hears of an incident: pure, so that it can be asked about the past. */
export type RouteIncident = (incident: {
  readonly severity: Severity;
  /** Unix second at which it was told. */
  readonly at: number;
}) => readonly ('page' | 'post' | 'mail')[];

/** S3-06: critical pages at all hours, high is posted, medium mailed, low is on the console only. */
export const DEFAULT_ROUTE: RouteIncident = ({ severity }) => ROUTES[severity];
const ROUTES: Readonly<Record<Severity, ReturnType<RouteIncident>>> = {
  P1: ['page'],
  P2: ['post'],
  P3: ['mail'],
  P4: [],
};

export interface LadderSummary {
  readonly anomalies: Readonly<Record<Severity, number>>;
  readonly anomaliesTotal: number;
  readonly incidents: number;
  readonly pages: number;
  readonly posts: number;
  readonly mails: number;
  readonly alertsAWeek: number;
  readonly realFound: number;
  readonly minutesToDetect: { readonly median: number; readonly worst: number } | null;
  readonly noise: number;
}

/** One step in the words of people: what would have reached them, what of it was real, how soon. */
export function summariseStep(
  told: readonly Told[],
  {
    fired,
    seconds,
    route,
  }: { readonly fired: readonly Fired[]; readonly seconds: number; readonly route: RouteIncident },
): LadderSummary {
  const anomalies: Record<Severity, number> = { P1: 0, P2: 0, P3: 0, P4: 0 };
  for (const { severity } of told) anomalies[severity]++;
  const incidents = incidentsOf(told);
  const ways = incidents.flatMap((incident) => route(incident));
  const delays = fired
    .filter(({ verdict }) => verdict === 'real')
    .flatMap((real) => {
      const found = told.filter((one) => overlap(one, real));
      // From the onset that anybody knows of: the first of all windows outside.
      return found.length === 0 ? [] : [Math.max(0, Math.min(...found.map(({ at }) => at)) - real.from) / 60];
    })
    .toSorted((a, b) => a - b);
  const judgedNoise = fired.filter(({ verdict }) => verdict === 'noise');
  return {
    anomalies,
    anomaliesTotal: told.length,
    incidents: incidents.length,
    pages: ways.filter((way) => way === 'page').length,
    posts: ways.filter((way) => way === 'post').length,
    mails: ways.filter((way) => way === 'mail').length,
    alertsAWeek: seconds === 0 ? 0 : (incidents.length * WEEK) / seconds,
    realFound: delays.length,
    minutesToDetect:
      delays.length === 0
        ? null
        : { median: delays[Math.floor((delays.length - 1) / 2)], worst: delays[delays.length - 1] },
    noise: told.filter((one) => judgedNoise.some((noise) => overlap(one, noise))).length,
  };
}

/** Share of each side that the other has too: the same signal and direction, at the same time. null where there is none. */
export function fidelityOf(
  fired: readonly Told[],
  replayed: readonly Told[],
): { readonly firedReproduced: number | null; readonly replayedFired: number | null } {
  const share = (of: readonly Told[], among: readonly Told[]) =>
    of.length === 0 ? null : of.filter((one) => among.some((other) => isSame(one, other))).length / of.length;
  return { firedReproduced: share(fired, replayed), replayedFired: share(replayed, fired) };
}

/** One source's anomalies, whatever their signal, until half an hour after the last is over. */
function incidentsOf(told: readonly Told[]): readonly { readonly severity: Severity; readonly at: number }[] {
  const incidents: { severity: Severity; at: number; over: number }[] = [];
  for (const { at, to, severity } of told.toSorted((a, b) => a.at - b.at)) {
    const last = incidents.at(-1);
    if (!last || at > last.over + COOLDOWN_SECONDS) incidents.push({ severity, at, over: to });
    else {
      last.over = Math.max(last.over, to);
      if (severity < last.severity) last.severity = severity;
    }
  }
  return incidents;
}

function isSame(a: Told, b: Told): boolean {
  return a.signal === b.signal && a.direction === b.direction && overlap(a, b);
}

function overlap(a: Span, b: Span): boolean {
  return a.from < b.to + SAME_WITHIN_SECONDS && b.from < a.to + SAME_WITHIN_SECONDS;
}
