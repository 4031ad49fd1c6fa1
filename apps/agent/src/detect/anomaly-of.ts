import { createHash } from 'node:crypto';
import { buildReceipt, type Evidence, type Finding, type SeriesEvent } from '@sentinellog/detector';
import { type Anomaly, type AnomalyState, severityOf, uuidv7 } from '@sentinellog/shared';
import type { DetectSource } from './detect.ts';

/** A new anomaly from the finding that opened it. Its id follows from what it is about, so a replay after a crash gives it again. */
export function openAnomaly(
  source: DetectSource,
  {
    finding,
    evidence,
    signal,
  }: { readonly finding: Finding; readonly evidence: Evidence; readonly signal: SeriesEvent['signal'] },
  state: AnomalyState,
  nowMs: number,
): Anomaly {
  const { direction, window } = finding;
  const startedAtMs = (window.end - window.seconds) * 1000;
  const identity = [source.sourceId, signal, direction, window.end].join('\0');
  return {
    event_id: uuidv7(startedAtMs, createHash('sha256').update(identity).digest()),
    source_id: source.sourceId,
    service: source.service,
    signal,
    detector: finding.detector,
    direction,
    state,
    started_at_ms: startedAtMs,
    ended_at_ms: null,
    detected_at_ms: nowMs,
    raw_data_sample: [],
    ...worstOf(source, finding, evidence),
  };
}

/** When it began; nothing where it cannot be told, so that what was told before stays. */
export function onsetOf({ onset }: Pick<SeriesEvent, 'onset'>): Pick<Anomaly, 'onset'> {
  return onset ? { onset: { from_ms: onset.from * 1000, to_ms: onset.to * 1000 } } : {};
}

/** What an anomaly says of its worst window so far. */
export function worstOf(source: DetectSource, finding: Finding, evidence: Evidence) {
  const receipt = buildReceipt(finding, evidence, source);
  return {
    severity: severityOf(finding.score),
    deviation_score: finding.score,
    last_outside_ms: finding.window.end * 1000,
    observed: receipt.value,
    expected: receipt.mean,
    reason: finding.reason,
    receipt,
  };
}
