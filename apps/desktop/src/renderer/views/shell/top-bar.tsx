import { ProductMark } from '../../components/product-mark.tsx';
import { useCommand } from '../../commands/keyboard.tsx';
import { FreshnessChip } from './freshness-chip.tsx';
import { RangePicker } from './range-picker.tsx';
import { ScopePicker } from './scope-picker.tsx';
import { SeverityCounts } from './severity-counts.tsx';
import { UserMenu } from './user-menu.tsx';

/** Where everything can be found by its name. */
function PaletteButton() {
  const { command, label, ariaKeys } = useCommand('palette.open');
  return (
    <button
      aria-keyshortcuts={ariaKeys}
      className="flex h-7 items-center gap-2 rounded-md border border-line-2 px-2.5 text-xs whitespace-nowrap text-text-2 hover:bg-hover hover:text-text-1"
      title={`Search or run (${label ?? ''})`}
      type="button"
      onClick={command.run}
    >
      <span className="max-[1279px]:sr-only">Search or run …</span>
      <kbd className="key">{label}</kbd>
    </button>
  );
}

export function TopBar() {
  return (
    <header className="z-30 flex items-center gap-2.5 border-b border-line-1 bg-bg-1 px-3 [grid-area:top]" data-top>
      <span className="flex items-center gap-2 text-base font-semibold tracking-tight text-text-1">
        <ProductMark size={22} />
        <span className="max-[1100px]:sr-only">SentinelLog</span>
      </span>
      <ScopePicker />
      <RangePicker />
      <FreshnessChip />
      <div className="flex-1" />
      <SeverityCounts />
      <PaletteButton />
      <UserMenu />
    </header>
  );
}
