import { Button } from '../../components/button.tsx';
import { rowRef } from '../../stores/inbox-filter.ts';
import { useIncidents, useIncidentView, useView } from '../../stores/use-console.ts';
import { minuteOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';
import { visibleText } from '../../words/visible-text.ts';

const NAMED = 3;

/** While you were away: what fired, what went away by itself, and who took what. */
export function AwayCard() {
  const incidents = useIncidents();
  const away = useIncidentView((view) => view.away);
  const clock = useView((view) => view.preferences.clock);
  if (away === null) return null;
  const close = () => incidents.view.setState({ away: null });
  const worst = away.stillOpen[0];
  return (
    <section aria-label="While you were away" className="m-2 rounded-lg border border-accent/50 bg-sel p-3 text-sm">
      <header className="flex items-center gap-2">
        <h2 className="flex-1 font-semibold">
          While you were away{' '}
          <span className="font-normal text-text-2">
            {minuteOf(away.fromMs, clock)}–{minuteOf(away.toMs, clock)}, {duration(away.toMs - away.fromMs)}
          </span>
        </h2>
        <Button look="quiet" size="small" onClick={close}>
          Close
        </Button>
      </header>
      <dl className="mt-2 grid grid-cols-4 gap-2">
        {(
          [
            ['opened', away.opened.length],
            ['recovered', away.recovered.length],
            ['taken by others', away.taken.length],
            ['still open', away.stillOpen.length],
          ] as const
        ).map(([word, count]) => (
          <div key={word}>
            <dd className="text-lg font-semibold">{count}</dd>
            <dt className="text-xs text-text-3">{word}</dt>
          </div>
        ))}
      </dl>
      {away.taken.slice(0, NAMED).map(({ incident }) => (
        <p className="truncate text-xs text-text-2" key={incident.incident_id}>
          {visibleText(incident.resolved_by ?? incident.acked_by ?? 'somebody')}: {incident.key}{' '}
          {visibleText(incident.title)}
        </p>
      ))}
      {worst !== undefined && (
        <Button
          className="mt-2"
          size="small"
          onClick={() => {
            close();
            incidents.open(rowRef(worst));
          }}
        >
          Open the worst
        </Button>
      )}
    </section>
  );
}
