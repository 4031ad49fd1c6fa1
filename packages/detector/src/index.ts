export { isTimeZone, LocalClock } from './baseline/local-clock.ts';
export { type Embedding } from './clusters/embedding.ts';
export { TraceKin } from './clusters/trace-kin.ts';
export { type ClusterAssignment, ClusterBook, type ClusterMerge, type StoredCluster } from './clusters/cluster-book.ts';
export type { Rule, Ruling } from './baseline/ruling.ts';
export type { Detector, DetectorKind, Finding, Judgement, WindowView } from './detector.ts';
export type { MeasuredMinute, MinuteDetector } from './minute-detector.ts';
export { ENGINE_VERSION } from './engine.ts';
export type { EpisodeChange } from './episode.ts';
export { type Expectation, expectationOver } from './expectation.ts';
export { HORIZONS, type Horizon } from './horizon.ts';
export {
  DEFAULT_ROUTE,
  type Fired,
  fidelityOf,
  LADDER_SIGMAS,
  replayLadder,
  type RouteIncident,
  summariseStep,
  type Told,
} from './ladder.ts';
export { duration } from './reason.ts';
export { buildReceipt, deviationScoreOf, RULE_DETECTOR, type Verification, verifyReceipt } from './receipt.ts';
export type { FrameCounts } from './recent-seconds.ts';
export { DETECTORS, MINUTE_DETECTORS } from './registry.ts';
export { type LoggedSecond, SecondLog } from './second-log.ts';
export type { SecondDetails, TemplateCount } from './second-details.ts';
export { replaySeconds, type Span, type StoredMinute, type StoredSeconds } from './replay.ts';
export {
  type Evidence,
  type ExplainedSlot,
  type ExpectedNow,
  type Learnt,
  type SeriesEvent,
  SourceWatch,
  type WatchSettings,
} from './source-watch.ts';
export { deviationScore, requiredZ } from './stats/looks.ts';
export { type ValueKind, type ValueVerdict, ValueWatch } from './values/value-watch.ts';
export { LineKey } from './templates/line-key.ts';
export { templateText } from './templates/template.ts';
export { type Evidence as TemplateEvidence, SHIPPED_EVIDENCE } from './templates/variable-evidence.ts';
export { MINER_STATE_VERSION, type MinedTemplate, TemplateMiner } from './templates/template-miner.ts';
