import type { ScopedAnomaly } from '../../stores/scope.ts';
import type { FeedSource } from '../../stores/plot-sources.ts';
import { kindOf } from '../../words/anomaly-words.ts';
import { minuteOf, type Clock } from '../../words/clock.ts';
import { plural, reading, sigmas } from '../../words/quantity.ts';

/** Anomalies that are named; the rest is counted. */
const NAMED = 3;

/** The chart in words: now against expected, then what stood out. */
export function chartSummary(
  source: Pick<FeedSource, 'newestMs' | 'read' | 'stepSeconds' | 'signal' | 'lines'>,
  anomalies: readonly ScopedAnomaly[],
  clock: Clock,
): string {
  return [nowWords(source), anomalyWords(anomalies, clock)].join(' ');
}

function nowWords(source: Pick<FeedSource, 'newestMs' | 'read' | 'stepSeconds' | 'signal' | 'lines'>): string {
  const newestMs = source.newestMs();
  if (newestMs === null) return 'No data yet.';
  const newestSecond = newestMs / 1000;
  const lines = source.read(newestSecond - source.stepSeconds, newestSecond).map((columns, i) => {
    const value = columns.value.at(-1) ?? null;
    const lower = columns.lower.at(-1) ?? null;
    const upper = columns.upper.at(-1) ?? null;
    const name = source.lines[i]?.label;
    const now = value === null ? 'not known' : perSecond(source.signal, value);
    const band =
      lower === null || upper === null || name !== ''
        ? ''
        : `, expected ${perSecond(source.signal, lower)} to ${perSecond(source.signal, upper)}`;
    return `${name === '' || name === undefined ? 'Now' : `${name} now`} ${now}${band}.`;
  });
  return lines.join(' ');
}

function anomalyWords(anomalies: readonly ScopedAnomaly[], clock: Clock): string {
  if (anomalies.length === 0) return 'No anomalies.';
  const named = anomalies
    .slice(0, NAMED)
    .map(
      ({ anomaly }) =>
        `${kindOf(anomaly)} ${sigmas(anomaly.deviation_score).replace('σ', ' sigma')} of ${anomaly.service} at ${minuteOf(anomaly.started_at_ms, clock)}`,
    );
  const more = anomalies.length > NAMED ? `, and ${anomalies.length - NAMED} more` : '';
  return `${plural(anomalies.length, 'anomaly', 'anomalies')}: ${named.join(', ')}${more}.`;
}

function perSecond(signal: FeedSource['signal'], value: number): string {
  return reading(signal, value).replace('/s', ' per second');
}
