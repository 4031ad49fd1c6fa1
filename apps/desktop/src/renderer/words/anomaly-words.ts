import {
  type Anomaly,
  type AnomalyState,
  type Direction,
  type DrawnSignal,
  isSignal,
  type SeriesName,
  type Signal,
} from '@sentinellog/shared';

export const SIGNAL_NAMES: Readonly<Record<DrawnSignal, string>> = {
  volume: 'Volume',
  error_rate: 'Error rate',
  latency_p99: 'Latency (p99)',
};

const KINDS: Readonly<Record<Signal, Readonly<Record<Direction, string>>>> = {
  volume: { high: 'spike', low: 'drop' },
  error_rate: { high: 'error surge', low: 'error dip' },
};

const OTHER_NAMES: Readonly<Record<string, string>> = {
  latency_p99: SIGNAL_NAMES.latency_p99,
  new_templates: 'New messages',
  'score:isolation_forest': 'Shape of the minute',
};
const OTHER_KINDS: Readonly<Record<string, string>> = {
  latency_p99: 'slowdown',
  new_templates: 'new errors',
  'score:isolation_forest': 'odd minutes',
};

/** What is measured, for people. */
export function seriesName(series: SeriesName): string {
  if (isSignal(series)) return SIGNAL_NAMES[series];
  if (series.startsWith('rule:')) return 'Rule';
  return series.startsWith('template:') ? 'One message' : (OTHER_NAMES[series] ?? series);
}

const STATES: Readonly<Record<AnomalyState, string>> = {
  early: 'crossing now, not yet confirmed',
  open: 'still outside',
  recovered: 'recovered',
  withdrawn: 'withdrawn: its window closed inside',
};

/** What kind of thing it is, in the words that go with the marker's shape. */
export function kindOf(anomaly: Pick<Anomaly, 'direction' | 'signal'>): string {
  const { signal, direction } = anomaly;
  if (isSignal(signal)) return KINDS[signal][direction];
  if (signal.startsWith('rule:')) return 'rule broken';
  if (signal.startsWith('template:')) return direction === 'high' ? 'message surge' : 'message gone';
  return OTHER_KINDS[signal] ?? 'oddity';
}

export function stateWords(anomaly: Pick<Anomaly, 'state'>): string {
  return STATES[anomaly.state];
}

/** True while somebody may have to do something. */
export function isOpen(anomaly: Pick<Anomaly, 'state'>): boolean {
  return anomaly.state === 'open' || anomaly.state === 'early';
}
