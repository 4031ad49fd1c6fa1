/** What is counted second by second of a source, and drawn. One source × one signal is a series. */
export const SIGNALS = ['volume', 'error_rate'] as const;
export type Signal = (typeof SIGNALS)[number];

/** What the heartbeat can be drawn of: the signals, and the p99 of durations, which is known minute by minute. */
export const DRAWN_SIGNALS = [...SIGNALS, 'latency_p99'] as const;
export type DrawnSignal = (typeof DRAWN_SIGNALS)[number];

/** What is measured of whole minutes beside the signals: p99 of durations in ms, templates never seen before, odd minutes. */
export const MINUTE_SERIES = ['latency_p99', 'new_templates', 'score:isolation_forest'] as const;

/**
 * Everything that can be outside: a signal, a series of whole minutes, how often one template comes (`template:<id>`), or a
 * threshold rule (`rule:<rule id>`, and behind another colon which of its groups).
 */
export type SeriesName = Signal | (typeof MINUTE_SERIES)[number] | `template:${string}` | `rule:${string}`;

/** The signal whose drawing shows best what went on in a series. */
export function drawnSignalOf(series: SeriesName): DrawnSignal {
  if (series === 'latency_p99') return series;
  return series === 'error_rate' || series === 'new_templates' ? 'error_rate' : 'volume';
}

export function isSignal(series: SeriesName): series is Signal {
  return series === 'volume' || series === 'error_rate';
}
