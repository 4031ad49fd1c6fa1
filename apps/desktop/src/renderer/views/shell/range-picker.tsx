import { Hint } from '../../components/hint.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import { TIME_RANGES, type TimeRange } from '../../stores/time-range.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { minuteOf } from '../../words/clock.ts';
import { duration } from '../../words/duration.ts';

/** The six ranges in sight, and beside them what a zoom has made of the one that is chosen. */
export function RangePicker() {
  const console = useConsole();
  const window = useView((view) => view.window);
  const zoomed = useView((view) => view.zoomStack.length > 0);
  const clock = useView((view) => view.preferences.clock);
  return (
    <div className="flex shrink-0 items-center gap-2" data-zoomed={zoomed || undefined}>
      <RangeSelect />
      <div
        aria-label="Time range"
        className="range-buttons flex shrink-0 rounded-md border border-line-2 p-px"
        role="group"
      >
        {TIME_RANGES.map((range) => (
          <RangeButton key={range.id} range={range} />
        ))}
      </div>
      {zoomed && (
        <button
          className="flex h-7 items-center gap-1.5 rounded-md border border-accent/60 px-2 text-xs whitespace-nowrap text-accent hover:bg-hover"
          title="Zoomed. Press for the whole range (0), or - for the zoom before."
          type="button"
          onClick={() => console.goLive()}
        >
          {window.type === 'live'
            ? `last ${duration(window.seconds * 1000)}`
            : `${minuteOf(window.fromMs, clock)}–${minuteOf(window.toMs, clock)}`}
          <span aria-hidden="true">×</span>
        </button>
      )}
    </div>
  );
}

/** The same choice where there is no room for six buttons: at 200 % zoom. */
function RangeSelect() {
  const console = useConsole();
  const rangeId = useView((view) => view.rangeId);
  return (
    <select
      aria-label="Time range"
      className="range-select h-7 rounded-md border border-line-2 bg-bg-1 px-1.5 text-xs text-text-1"
      value={rangeId}
      onChange={(event) => {
        const chosen = TIME_RANGES.find((range) => range.id === event.target.value);
        if (chosen !== undefined) console.setRange(chosen.id);
      }}
    >
      {TIME_RANGES.map((range) => (
        <option key={range.id} value={range.id}>
          {range.label}
        </option>
      ))}
    </select>
  );
}

function RangeButton({ range }: { readonly range: TimeRange }) {
  const { command, label } = useCommand(`range.${range.id}`);
  const chosen = useView((view) => view.rangeId === range.id);
  return (
    <Hint keys={label} text={command.title}>
      {(hintId) => (
        <button
          aria-describedby={hintId}
          aria-label={`${range.label}, ${range.words}`}
          aria-pressed={chosen}
          className="h-6 rounded-[5px] px-2 text-xs text-text-2 transition-colors hover:text-text-1 aria-pressed:bg-sel aria-pressed:font-semibold aria-pressed:text-text-1"
          type="button"
          onClick={command.run}
        >
          {range.label}
        </button>
      )}
    </Hint>
  );
}
