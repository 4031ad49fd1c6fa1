/** From counted events to anomalies: tally, detectors, rules and the verdicts of people, handed to one another. */
import type { Anomaly, Receipt, Source } from '@sentinellog/shared';
import type { BlindStretches } from './blind-stretches.ts';
import { secondDetailsOf } from './closed-details.ts';
import { Detect } from './detect/detect.ts';
import { RuleBook } from './detect/rule-book.ts';
import { firstBytes } from './journal/first-bytes.ts';
import type { Journal } from './journal/journal.ts';
import { type BlockWish, recordsWithin } from './journal/journal-view.ts';
import { LiveAnomalies } from './live-anomalies.ts';
import type { RestoredState } from './pipeline/checkpoint.ts';
import { sourceHash } from './pipeline/record-contents.ts';
import { readRulings, RulingDesk } from './ruling-desk.ts';
import { ServiceRates } from './service-rates.ts';
import { SourceDirectory } from './source-directory.ts';
import type { Store } from './store/store.ts';
import { sampleLines } from './tally/sample-lines.ts';
import { type ClosedDetails, OVERFLOW_SERVICE, Tally, type TallyOptions } from './tally/tally.ts';
import type { Log } from './telemetry/log.ts';

/** Lines shown with an anomaly, and how much of the journal is searched for them before an anomaly goes without. */
const SAMPLES = 5;
const SAMPLE_SEARCH_BYTES = 64 * 1024 * 1024;

export interface DetectionParts {
  readonly now: () => number;
  readonly log: Log;
  readonly store: Store;
  readonly journal: Journal;
  readonly restored: RestoredState;
  readonly blind: BlindStretches;
  readonly maxSourcesPerTenant: number;
  readonly seal: (receipt: Receipt) => Receipt;
  readonly entropy: (bytes: number) => Uint8Array;
  /** New, or changed in anything. */
  readonly onAnomaly: (anomaly: Anomaly) => void;
  readonly onSource: (source: Source) => void;
  /** A second of a source is over. */
  readonly onClosed: NonNullable<TallyOptions['onClosed']>;
}

export type Detection = Awaited<ReturnType<typeof openDetection>>;

/** Nothing is counted yet: call `restore` when everybody who listens is there. */
export async function openDetection(parts: DetectionParts) {
  const { now, log, store, journal, restored, blind, entropy, onSource } = parts;
  const rulings = await readRulings(store, now());
  const live = new LiveAnomalies(now, restored.openAnomalies);
  const rates = new ServiceRates();
  const detect = new Detect({
    now,
    settingsOf: (sourceId) => directory.settingsOf(sourceId),
    rulingsOf: (sourceId) => rulings.of(sourceId),
    seal: parts.seal,
    samples: async ({ tenant, service }, fromSecond, toSecond, prefer) =>
      // By event time, not by arrival: history that was sent in later has its lines, too.
      sampleLines(
        firstBytes(recordsWithin(journal.view(), wishOf(tenant, service, fromSecond, toSecond)), SAMPLE_SEARCH_BYTES),
        { tenant, service, fromSecond, toSecond, prefer, limit: SAMPLES },
      ),
    onAnomaly: (anomaly) => {
      const isNewState = live.put(anomaly);
      parts.onAnomaly(anomaly);
      if (isNewState) logAnomaly(log, anomaly);
      rulingDesk.moved(anomaly);
    },
  });
  const anomalyOf = async (eventId: string): Promise<Anomaly | null> =>
    live.list().find((anomaly) => anomaly.event_id === eventId) ?? (await store.anomaly(eventId)) ?? null;
  const rulingDesk = new RulingDesk(rulings, { store, detect, anomaly: anomalyOf, now, entropy });
  const ruleBook = new RuleBook({
    now,
    tagsOf: (sourceId) => directory.one(sourceId)?.tags ?? [],
    textsOf: (templateId) => {
      const record = tally.templates.record(templateId);
      return record ? [record.text, ...record.examples.slice(0, 1)] : [];
    },
    onAnomaly: (anomaly) => detect.raise(anomaly),
  });
  /** Of the second that closes next. */
  let closing: ClosedDetails | null = null;
  const tally = new Tally({
    maxSourcesPerTenant: parts.maxSourcesPerTenant,
    isBlind: (second) => blind.covers(second),
    onSource: ({ sourceId }) => {
      const source = directory.one(sourceId);
      if (source) onSource(source);
    },
    onDetailsClosed: (_source, _second, details) => {
      closing = details;
    },
    onClosed: (source, second, counts) => {
      const details = closing && secondDetailsOf(closing);
      detect.frameClosed(source, second, counts, details);
      ruleBook.secondClosed(source, second, counts, details, closing?.details?.fields ?? []);
      closing = null;
      rates.closed(source.sourceId, second, counts);
      parts.onClosed(source, second, counts);
    },
  });
  const directory = new SourceDirectory(
    {
      counted: () => tally.sources,
      learnt: (sourceId) => detect.learnt(sourceId),
      savePatch: async (sourceId, patch, actor) => (await store.patchSource(sourceId, patch, actor.name)) ?? null,
      onChanged: (source) => {
        detect.configure(source.source_id);
        ruleBook.forgetScopes();
        onSource(source);
      },
    },
    new Map((await store.sources()).map((source) => [source.source_id, source])),
  );
  const restore = () => {
    tally.restore(restored);
    detect.restore(restored);
    ruleBook.restore(restored.ruleState ?? null, restored.openAnomalies);
  };
  return { tally, detect, ruleBook, directory, rulings, rulingDesk, live, rates, anomalyOf, restore };
}

/** Blocks of a service, and of the overflow: its events went there if it came when there were too many. */
function wishOf(tenant: string, service: string, fromSecond: number, toSecond: number): BlockWish {
  const sources = [service, OVERFLOW_SERVICE].map((name) => sourceHash(tenant, name));
  return { fromMs: fromSecond * 1000, toMs: toSecond * 1000 - 1, sources, order: 'oldest' };
}

/** Once for each state that an anomaly comes into; what changes in between (samples, a worse window) goes to consoles only. */
function logAnomaly(log: Log, anomaly: Anomaly): void {
  const { event_id, service, signal, state, severity, deviation_score } = anomaly;
  const event = state === 'open' || state === 'early' ? 'anomaly.detected' : `anomaly.${state}`;
  log.info({ event, event_id, service, signal, state, severity, deviation_score }, anomaly.reason);
}
