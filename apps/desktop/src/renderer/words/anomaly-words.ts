import type { Anomaly, AnomalyState, Direction, Signal } from '@sentinellog/shared';

export const SIGNAL_NAMES: Readonly<Record<Signal, string>> = { volume: 'Volume', error_rate: 'Error rate' };

const KINDS: Readonly<Record<Signal, Readonly<Record<Direction, string>>>> = {
  volume: { high: 'spike', low: 'drop' },
  error_rate: { high: 'error surge', low: 'error dip' },
};

const STATES: Readonly<Record<AnomalyState, string>> = {
  early: 'crossing now, not yet confirmed',
  open: 'still outside',
  recovered: 'recovered',
  withdrawn: 'withdrawn: its window closed inside',
};

/** What kind of thing it is, in the words that go with the marker's shape. */
export function kindOf(anomaly: Pick<Anomaly, 'direction' | 'signal'>): string {
  return KINDS[anomaly.signal][anomaly.direction];
}

export function stateWords(anomaly: Pick<Anomaly, 'state'>): string {
  return STATES[anomaly.state];
}

/** True while somebody may have to do something. */
export function isOpen(anomaly: Pick<Anomaly, 'state'>): boolean {
  return anomaly.state === 'open' || anomaly.state === 'early';
}
