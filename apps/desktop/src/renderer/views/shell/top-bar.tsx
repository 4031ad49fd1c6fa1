import { FreshnessChip } from './freshness-chip.tsx';
import { RangePicker } from './range-picker.tsx';
import { ScopePicker } from './scope-picker.tsx';
import { SeverityCounts } from './severity-counts.tsx';

export function TopBar() {
  return (
    <header className="z-30 flex items-center gap-2.5 border-b border-line-1 bg-bg-1 px-3 [grid-area:top]" data-top>
      <span className="flex items-center gap-2 text-base font-semibold tracking-tight text-text-1">
        <Mark />
        <span className="max-[1100px]:sr-only">SentinelLog</span>
      </span>
      <ScopePicker />
      <RangePicker />
      <FreshnessChip />
      <div className="flex-1" />
      <SeverityCounts />
    </header>
  );
}

/** A pulse under watch: the product's sign. */
function Mark() {
  return (
    <svg aria-label="SentinelLog" className="shrink-0" height="22" role="img" viewBox="0 0 22 22" width="22">
      <path
        d="M11 1.2 20 5v6c0 5-3.6 8.4-9 9.8C5.6 19.4 2 16 2 11V5z"
        fill="var(--color-sel)"
        stroke="var(--color-accent)"
        strokeWidth="1.3"
      />
      <path
        d="M5 11.5h2.7l1.7-4.5 2.7 8 1.8-5 .8 1.5H17"
        fill="none"
        stroke="var(--color-chart-line)"
        strokeLinecap="round"
        strokeLinejoin="round"
        strokeWidth="1.5"
      />
    </svg>
  );
}
