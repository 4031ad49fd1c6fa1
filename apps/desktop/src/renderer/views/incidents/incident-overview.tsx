import type { IncidentDetail } from '@sentinellog/shared';
import { SeverityBadge } from '../../components/severity-badge.tsx';
import type { DeskRow } from '../../stores/desk-state.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { momentOf } from '../../words/clock.ts';
import { sigmas } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { FirstMoverStrip } from './first-mover-strip.tsx';

interface IncidentOverviewProps {
  readonly row: DeskRow;
  /** null until it has been had; what is in the row is shown at once. */
  readonly detail: IncidentDetail | null;
}

/** Where to look first, what has spread where, what is known of it, and how the last one like it ended. */
export function IncidentOverview({ row, detail }: IncidentOverviewProps) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const { incident } = row;
  const nowMs = console.now();
  const override = incident.severity_override;
  return (
    <div className="flex flex-col gap-5 text-sm">
      <section>
        <h3 className="section-word">Where it began</h3>
        <p className="text-text-1">
          {visibleText(incident.first_mover.service)} first, {momentOf(incident.first_mover.at_ms, clock, nowMs)}:{' '}
          {visibleText(incident.first_mover.reason)}
        </p>
        <FirstMoverStrip incident={incident} />
      </section>
      <section>
        <h3 className="section-word">Alerts</h3>
        <ul className="flex flex-col">
          {incident.alerts.map((alert) => (
            <li className="flex min-h-8 items-center gap-3 border-b border-line-1 last:border-0" key={alert.alert_id}>
              <SeverityBadge calm={!alert.firing} severity={alert.severity}>
                {sigmas(alert.peak_score)}
              </SeverityBadge>
              <span className="min-w-0 flex-1 truncate">
                <span className="font-medium">{visibleText(alert.service)}</span>{' '}
                <span className="text-text-2">{visibleText(alert.reason)}</span>
              </span>
              <span className="text-xs text-text-3">{alert.firing ? 'still outside' : 'back inside'}</span>
            </li>
          ))}
          {incident.alerts.length === 0 && <li className="text-text-3">No alert is listed with it.</li>}
        </ul>
      </section>
      {override !== null && (
        <p className="text-text-2">
          Severity {override.severity} was set by {visibleText(override.by)}
          {override.reason === '' ? '' : `: ${visibleText(override.reason)}`}
        </p>
      )}
      {detail?.analyses.map((analysis) => (
        <section key={analysis.at_ms}>
          <h3 className="section-word">Analysis, by {analysis.by === 'claude' ? 'Claude' : 'rules'}</h3>
          <p className="text-text-1">{visibleText(analysis.summary)}</p>
          <ul className="mt-1 list-disc pl-5 text-text-2">
            {analysis.hypotheses.map(({ cause, confidence }) => (
              <li key={cause}>
                {visibleText(cause)} <span className="text-text-3">({confidence} confidence)</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {detail !== null && detail.runbooks.length > 0 && (
        <section>
          <h3 className="section-word">Runbooks</h3>
          {detail.runbooks.map(({ runbook_id, title, because }) => (
            <p key={runbook_id}>
              <span className="font-medium">{visibleText(title)}</span>{' '}
              <span className="text-text-3">{visibleText(because)}</span>
            </p>
          ))}
        </section>
      )}
      <section>
        <h3 className="section-word">Similar before</h3>
        {detail === null ? (
          <p className="late-words text-text-3">Looking …</p>
        ) : detail.similar.length === 0 ? (
          <p className="text-text-3">Nothing like it is on record.</p>
        ) : (
          detail.similar.map(({ incident_id, key, title, started_at_ms, resolution, ending }) => (
            <p className="mb-1" key={incident_id}>
              <span className="text-text-3">
                {key}, {momentOf(started_at_ms, clock, nowMs)}
              </span>{' '}
              {visibleText(title)}
              <span className="block text-text-2">
                Ended {resolution ?? 'without a word'}: {visibleText(ending)}
              </span>
            </p>
          ))
        )}
      </section>
    </div>
  );
}
