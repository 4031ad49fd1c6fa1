import type { IncidentDetail } from '@sentinellog/shared';
import { LogText } from '../../components/log-text.tsx';
import { useView } from '../../stores/use-console.ts';
import { secondOf } from '../../words/clock.ts';
import { visibleText } from '../../words/visible-text.ts';

const LEVEL_COLOURS: Readonly<Record<string, string>> = {
  fatal: 'text-lv-error',
  error: 'text-lv-error',
  warn: 'text-lv-warn',
  info: 'text-lv-info',
};

/** Errors and warnings around the incident, oldest first, each with why it belongs. */
export function IncidentLogs({ detail }: { readonly detail: IncidentDetail | null }) {
  const clock = useView((view) => view.preferences.clock);
  if (detail === null) return <p className="late-words text-sm text-text-3">Loading the lines …</p>;
  const lines = detail.correlated.toSorted((a, b) => a.at_ms - b.at_ms);
  if (lines.length === 0) {
    return (
      <p className="text-sm text-text-3">No error or warning was kept from that time: there were none, or none yet.</p>
    );
  }
  return (
    <ul className="flex flex-col gap-1 font-mono text-xs leading-5">
      {lines.map((line) => (
        <li
          className="rounded-md bg-bg-0 px-2.5 py-1 break-words"
          key={`${line.source_id} ${line.at_ms} ${line.message}`}
        >
          <span className="text-text-3">{secondOf(line.at_ms, clock)}</span>{' '}
          <span className="text-text-2">{visibleText(line.service)}</span>{' '}
          <span className={`font-semibold uppercase ${LEVEL_COLOURS[line.level] ?? 'text-lv-debug'}`}>
            <LogText text={line.level} />
          </span>{' '}
          <span className="text-text-1">
            <LogText text={line.message} />
          </span>{' '}
          <span className="text-text-3">by {line.because}</span>
        </li>
      ))}
    </ul>
  );
}
