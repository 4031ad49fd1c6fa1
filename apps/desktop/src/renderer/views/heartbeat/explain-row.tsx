import type { ExplainRow, Level } from '@sentinellog/shared';
import { LEVELS } from '@sentinellog/shared';
import { Button } from '../../components/button.tsx';
import { LogText } from '../../components/log-text.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { TemplateText } from '../../components/template-text.tsx';
import type { KeyedRow } from '../../stores/explanation.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { momentOf, secondOf } from '../../words/clock.ts';
import { briefly, exactly, percent } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';
import { LEVEL_COLOURS } from '../../words/level-colours.ts';
import './explain.css';

interface ExplainRowViewProps {
  readonly keyed: KeyedRow;
  readonly id: string;
  /** 1 is the first. */
  readonly place: number;
  /** The cluster's, where there are several. */
  readonly code: string | null;
  /** The largest excess of all rows: the full length of a bar. */
  readonly most: number;
  readonly chosen: boolean;
  readonly open: boolean;
  readonly onChoose: () => void;
  readonly onToggle: () => void;
  readonly onFeed: () => void;
  readonly onSilence: () => void;
  readonly onPage: () => void;
}

const BADGES = { new: 'NEW', gone: 'GONE', missing: 'FEWER', surging: null, steady: null } as const;

/** One pattern: how much of the difference it is, what it says, and on demand the lines themselves. */
export function ExplainRowView(props: ExplainRowViewProps) {
  const { keyed, id, place, code, most, chosen, open, onChoose, onToggle } = props;
  const { row } = keyed;
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const [template] = row.templates;
  const badge = BADGES[row.status];
  const level = mainLevel(row);
  const services = row.services.map(({ service }) => visibleText(service));
  return (
    <>
      <div
        aria-expanded={open}
        aria-rowindex={place}
        aria-selected={chosen}
        className="explain-row"
        id={id}
        role="row"
        onClick={onToggle}
        onPointerDown={onChoose}
      >
        <span className="text-right text-text-3" role="gridcell">
          {place}
        </span>
        <span aria-label={`${percent(row.share)} of all lines`} role="gridcell">
          <span aria-hidden="true" className="block h-2 rounded-sm bg-bg-0">
            <span
              className={`block h-2 min-w-0.5 rounded-sm ${row.excess < 0 ? 'bg-chart-mean' : 'bg-chart-line'}`}
              style={{ width: `${(100 * Math.abs(row.excess)) / most}%` }}
            />
          </span>
        </span>
        <span className="min-w-0" role="gridcell">
          <span className="block truncate text-text-1" title={visibleText(row.name)}>
            {code !== null && <span className="cluster-code mr-1.5">{code}</span>}
            {badge !== null && <span className={`badge-${row.status}`}>{badge}</span>}
            {visibleText(row.name)}
          </span>
          {template !== undefined && (
            <span className="block truncate font-mono text-2xs text-text-2">
              <TemplateText text={template.text} valuesAt={(position) => valuesWords(row, position)} />
            </span>
          )}
        </span>
        <span className="text-right whitespace-nowrap" role="gridcell">
          <strong className="font-semibold text-text-1">{briefly(row.count)}</strong>{' '}
          <span className="text-text-3">/ {briefly(row.expected)}</span>
        </span>
        <span className="text-right whitespace-nowrap text-text-2" role="gridcell">
          {liftWords(row)}
        </span>
        <span className={`text-2xs font-semibold uppercase ${LEVEL_COLOURS[level]}`} role="gridcell">
          {level}
        </span>
        <span className="hidden truncate text-text-2 @[860px]:block" role="gridcell" title={services.join(', ')}>
          {services[0] ?? '–'}
          {services.length > 1 && ` +${services.length - 1}`}
        </span>
        <span className="hidden @[860px]:block" role="gridcell">
          <Sparkline data={{ value: row.sparkline, lower: [], upper: [] }} height={20} width={60} />
        </span>
        <span className="hidden truncate text-right text-2xs text-text-3 @[980px]:block" role="gridcell">
          since {momentOf(row.first_seen_ms, clock, console.now())}
        </span>
      </div>
      {open && (
        <div role="row">
          <div className="border-b border-line-1 bg-bg-0 px-3 py-2 pl-11" role="gridcell">
            <Samples row={row} />
            <Values row={row} />
            <RowActions {...props} />
          </div>
        </div>
      )}
    </>
  );
}

function Samples({ row }: { readonly row: ExplainRow }) {
  const clock = useView((view) => view.preferences.clock);
  if (row.samples.length === 0) {
    return (
      <p className="text-xs text-text-3">
        {row.count === 0 ? 'Not one such line came in this range.' : 'The lines themselves are still being looked for.'}
      </p>
    );
  }
  return (
    <ul className="flex flex-col gap-1 font-mono text-xs leading-5">
      {row.samples.map((line, i) => (
        // Two lines may be the same to the letter: the place tells them apart.
        <li className="break-words" key={`${line.at_ms} ${i}`}>
          <span className="text-text-3">{secondOf(line.at_ms, clock)}</span>{' '}
          <span className="text-text-1">
            <LogText text={line.message} />
          </span>
          {line.trace_id !== undefined && (
            <span className="text-text-3">
              {' '}
              trace <LogText text={line.trace_id} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What stands at the varying places, commonest first. */
function Values({ row }: { readonly row: ExplainRow }) {
  const known = row.variables.filter(({ values }) => values.length > 0);
  if (known.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-xs text-text-2">
      {known.slice(0, 6).map(({ position, values }) => (
        <li className="max-w-full truncate" key={position}>
          <span className="text-text-3">value {position + 1}:</span>{' '}
          {values.slice(0, 3).map(({ value, count }, i) => (
            <span key={value}>
              {i > 0 && ', '}
              <span className="font-mono text-text-1">
                <LogText text={value} />
              </span>{' '}
              <span className="text-text-3">×{briefly(count)}</span>
            </span>
          ))}
          {values.length > 3 && <span className="text-text-3"> and {values.length - 3} more</span>}
        </li>
      ))}
    </ul>
  );
}

function RowActions({ onFeed, onSilence, onPage }: ExplainRowViewProps) {
  return (
    <div className="mt-2 flex gap-2">
      <Button size="small" onClick={onFeed}>
        Live lines <kbd className="key">f</kbd>
      </Button>
      <Button size="small" onClick={onSilence}>
        Silence until worse <kbd className="key">s</kbd>
      </Button>
      <Button size="small" onClick={onPage}>
        History <kbd className="key">o</kbd>
      </Button>
    </div>
  );
}

function liftWords({ count, expected }: ExplainRow): string {
  if (expected <= 0) return count > 0 ? 'new' : '–';
  return `×${exactly(Math.round((count / expected) * 10) / 10)}`;
}

function valuesWords({ variables }: ExplainRow, position: number): string | undefined {
  const values = variables.find((one) => one.position === position)?.values ?? [];
  if (values.length === 0) return undefined;
  return values
    .slice(0, 5)
    .map(({ value, count }) => `${visibleText(value)} ×${exactly(count)}`)
    .join('\n');
}

/** The level of most of its lines; the more serious of two equals. */
function mainLevel({ levels }: ExplainRow): Level {
  return LEVELS.reduce(
    (most, level) => ((levels[level] ?? 0) >= (levels[most] ?? 0) && level !== 'other' ? level : most),
    'other' as Level,
  );
}
