import { lazy, Suspense, useCallback } from 'react';
import { Icon } from '../../components/icon.tsx';
import { usePopover } from '../../components/use-popover.ts';
import { useCommand } from '../../commands/keyboard.tsx';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { plural } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

const ScopeForm = lazy(async () => ({ default: (await import('./scope-form.tsx')).ScopeForm }));

/** "Where": which clusters and services everything on the screen speaks of. */
export function ScopePicker() {
  const console = useConsole();
  const { label } = useCommand('scope.open');
  const agents = useAgents();
  const open = useView((view) => view.scopeOpen);
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const close = useCallback(() => console.patchView({ scopeOpen: false }), [console]);
  const { anchor, panel } = usePopover<HTMLDivElement>(open, close);

  const all = [...agents.values()];
  const chosen = all.filter(({ saved }) => agentIds === null || agentIds.includes(saved.agentId));
  const clusterWords =
    chosen.length <= 3 ? chosen.map(({ saved }) => saved.code).join(' ') : plural(chosen.length, 'cluster');
  const serviceWords =
    services === null
      ? 'all services'
      : services.length === 1
        ? visibleText(services[0]!)
        : plural(services.length, 'service');

  return (
    <div className="relative">
      <button
        aria-expanded={open}
        aria-haspopup="dialog"
        className="flex h-7 max-w-64 items-center gap-1.5 rounded-md border border-line-2 px-2.5 text-xs text-text-1 hover:bg-hover aria-expanded:bg-hover"
        ref={anchor}
        title={`Choose clusters and services (${label ?? ''})`}
        type="button"
        onClick={() => console.patchView({ scopeOpen: !open })}
      >
        <Icon className="text-text-3" name="cluster" size={15} />
        <span className="font-semibold whitespace-nowrap">{clusterWords || 'no cluster'}</span>
        <span className="truncate text-text-2 max-[959px]:sr-only">{serviceWords}</span>
        <Icon className="text-text-3" name="chevron" size={14} />
      </button>
      {open && (
        <div
          aria-label="Clusters and services"
          className="absolute top-9 left-0 z-40 flex max-h-[70vh] w-80 flex-col rounded-xl border border-line-1 bg-bg-3 shadow-overlay"
          ref={panel}
          role="dialog"
        >
          <Suspense>
            <ScopeForm />
          </Suspense>
        </div>
      )}
    </div>
  );
}
