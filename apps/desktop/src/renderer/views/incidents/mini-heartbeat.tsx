import { useRef } from 'react';
import type { Incident } from '@sentinellog/shared';
import { bandPath, linePath } from '../../components/sparkline.tsx';
import { useBoxSize } from '../../charts/use-box-size.ts';
import { useView } from '../../stores/use-console.ts';
import type { Beats } from '../../stores/incident-details.ts';
import { minuteOf } from '../../words/clock.ts';
import { exactly, milliseconds, percent } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

const HEIGHT = 150;
/** For the words above the line: the line never runs behind them. */
const HEAD = 26;
const FOOT = 18;
const TICKS = 5;

interface MiniHeartbeatProps {
  readonly beats: Beats | null;
  readonly incident: Incident;
}

/** The series that went first, with calm before it: band, line, and the time since it left the band in colour. */
export function MiniHeartbeat({ beats, incident }: MiniHeartbeatProps) {
  const clock = useView((view) => view.preferences.clock);
  const host = useRef<HTMLElement>(null);
  const { width } = useBoxSize(host);
  const service = visibleText(incident.first_mover.service);
  return (
    <figure
      aria-label={`Heartbeat of ${service} around the incident`}
      className="relative h-[150px] shrink-0 border-b border-line-1 bg-bg-0"
      ref={host}
    >
      {beats === null || beats.columns[0].length < 2 ? (
        <p className="late-words px-4 pt-8 text-xs text-text-3">
          {beats === null ? 'Loading the heartbeat …' : 'No heartbeat is kept of that time.'}
        </p>
      ) : (
        width > 0 && <Plot beats={beats} clock={clock} incident={incident} width={width} />
      )}
      <figcaption className="absolute inset-x-4 top-1.5 truncate text-2xs text-text-3">
        {service}, went first{beats !== null && mostWords(beats)}
      </figcaption>
    </figure>
  );
}

const MOST_WORDS: Readonly<Record<Beats['signal'], (most: number, stepSeconds: number) => string>> = {
  volume: (most, stepSeconds) => `${exactly(most)} lines in ${stepSeconds} s`,
  error_rate: (most) => `${percent(most)} errors`,
  latency_p99: (most) => `${milliseconds(most)} (p99)`,
};

/** `, at most 61 in 3 s`; a share of errors has no time to it. */
function mostWords({ columns, stepSeconds, signal }: Beats): string {
  const known = columns[1].filter((one) => one !== null);
  if (known.length === 0) return '';
  const most = Math.max(...known);
  return `, at most ${MOST_WORDS[signal](most, stepSeconds)}`;
}

interface PlotProps {
  readonly beats: Beats;
  readonly incident: Incident;
  readonly clock: 'utc' | 'local';
  readonly width: number;
}

function Plot({ beats, incident, clock, width }: PlotProps) {
  const [t, value, mean, lower, upper] = beats.columns;
  const first = t[0] ?? 0;
  const last = t.at(-1) ?? 1;
  const known = [...value, ...upper].filter((one) => one !== null);
  const top = Math.max(...known, Number.MIN_VALUE);
  const plotHeight = HEIGHT - FOOT;
  const x = (i: number) => (((t[i] ?? first) - first) / Math.max(1, last - first)) * width;
  const y = (one: number) => plotHeight - (one / top) * (plotHeight - HEAD);
  const timeX = (ms: number) => Math.max(0, Math.min(width, ((ms / 1000 - first) / Math.max(1, last - first)) * width));
  const fromX = timeX(incident.first_mover.at_ms);
  const toX = timeX(incident.quiet_since_ms ?? incident.resolved_at_ms ?? last * 1000);
  return (
    <svg aria-hidden="true" height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} width={width}>
      <rect fill="var(--color-accent)" height={plotHeight} opacity="0.16" width={Math.max(2, toX - fromX)} x={fromX} />
      <path d={`M${fromX} 0V${plotHeight}`} stroke="var(--color-accent)" strokeWidth="1.5" />
      <path d={bandPath({ lower, upper }, x, y)} fill="var(--color-chart-band)" />
      <path
        d={linePath(mean, x, y)}
        fill="none"
        stroke="var(--color-chart-mean)"
        strokeDasharray="4 4"
        strokeWidth="1"
      />
      <path
        d={linePath(value, x, y)}
        fill="none"
        stroke="var(--color-chart-line)"
        strokeLinejoin="round"
        strokeWidth="1.5"
      />
      {Array.from({ length: TICKS }, (_, i) => {
        const at = first + ((last - first) * (i + 0.5)) / TICKS;
        return (
          <text
            className="fill-chart-axis text-2xs"
            key={at}
            textAnchor="middle"
            x={((i + 0.5) / TICKS) * width}
            y={HEIGHT - 5}
          >
            {minuteOf(at * 1000, clock)}
          </text>
        );
      })}
    </svg>
  );
}
