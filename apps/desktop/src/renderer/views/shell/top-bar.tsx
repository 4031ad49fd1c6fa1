import { ProductMark } from '../../components/product-mark.tsx';
import { FreshnessChip } from './freshness-chip.tsx';
import { RangePicker } from './range-picker.tsx';
import { ScopePicker } from './scope-picker.tsx';
import { SeverityCounts } from './severity-counts.tsx';

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
    </header>
  );
}
