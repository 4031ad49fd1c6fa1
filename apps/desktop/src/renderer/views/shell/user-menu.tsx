import { lazy, Suspense, useCallback } from 'react';
import { usePopover } from '../../components/use-popover.ts';
import { useConsole, useView } from '../../stores/use-console.ts';

const UserMenuPanel = lazy(async () => ({ default: (await import('./user-menu-panel.tsx')).UserMenuPanel }));

/** Who one is and where one is signed in; what it holds comes when it is opened. */
export function UserMenu() {
  const console = useConsole();
  const open = useView((view) => view.menuOpen);
  const close = useCallback(() => console.patchView({ menuOpen: false }), [console]);
  const { anchor, panel } = usePopover<HTMLDivElement>(open, close);
  return (
    <div className="relative">
      <button
        aria-expanded={open}
        aria-haspopup="dialog"
        aria-label="You and this console"
        className="grid size-7 place-items-center rounded-full border border-line-2 text-text-2 hover:bg-hover hover:text-text-1 aria-expanded:bg-hover"
        ref={anchor}
        title="You and this console"
        type="button"
        onClick={() => console.patchView({ menuOpen: !open })}
      >
        <svg aria-hidden="true" fill="none" height="15" stroke="currentColor" strokeWidth="1.5" viewBox="0 0 20 20">
          <path d="M10 10a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM3.8 17c.6-3 3-4.6 6.2-4.6s5.6 1.6 6.2 4.6" />
        </svg>
      </button>
      {open && (
        <div
          aria-label="You and this console"
          className="absolute top-9 right-0 z-40 flex w-72 flex-col rounded-xl border border-line-1 bg-bg-3 p-1.5 text-sm shadow-overlay"
          ref={panel}
          role="dialog"
        >
          <Suspense>
            <UserMenuPanel onDone={close} />
          </Suspense>
        </div>
      )}
    </div>
  );
}
