import type { ChartMarker } from '../../charts/heartbeat-chart.tsx';
import type { ScopedAnomaly } from '../../stores/scope.ts';
import { kindOf } from '../../words/anomaly-words.ts';
import { sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

/** An anomaly as it stands on a chart, not chosen. */
export function anomalyMarker({ anomaly, agent }: Pick<ScopedAnomaly, 'anomaly' | 'agent'>): ChartMarker {
  return {
    id: anomaly.event_id,
    atMs: anomaly.started_at_ms,
    severity: anomaly.severity,
    direction: anomaly.direction,
    label: `${anomaly.severity} ${sigmas(anomaly.deviation_score)}`,
    title: `${kindOf(anomaly)} of ${visibleText(anomaly.service)}@${agent.saved.code}: ${visibleText(anomaly.reason)}`,
    selected: false,
  };
}
