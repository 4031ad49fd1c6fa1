import { useState } from 'react';
import { useAgents, useConsole, useView } from '../../stores/use-console.ts';
import { visibleText } from '../../words/visible-text.ts';

/** More service names than this are found by typing, not by reading. */
const SHOWN_SERVICES = 50;

/** Which clusters and services everything on the screen speaks of. */
export function ScopeForm() {
  const console = useConsole();
  const agents = useAgents();
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const [search, setSearch] = useState('');

  const all = [...agents.values()];
  const names = [...new Set(all.flatMap((agent) => [...agent.sources.values()].map((source) => source.service)))];
  const found = names.filter((name) => name.toLowerCase().includes(search.toLowerCase())).toSorted();

  const allIds = all.map(({ saved }) => saved.agentId);
  const toggleAgent = (agentId: string) => {
    const next = toggled(agentIds ?? allIds, agentId);
    console.patchView({
      agentIds: next.length === 0 || next.length === allIds.length ? null : next,
      isolated: null,
      page: 0,
    });
  };
  const toggleService = (service: string) => {
    const next = services === null ? [service] : toggled(services, service);
    console.patchView({ services: next.length === 0 ? null : next, isolated: null, page: 0 });
  };

  return (
    <>
      <fieldset className="border-b border-line-1 p-2">
        <legend className="sr-only">Clusters</legend>
        {all.map(({ saved }) => (
          <CheckRow
            key={saved.agentId}
            checked={agentIds === null || agentIds.includes(saved.agentId)}
            detail={saved.name}
            label={saved.code}
            onToggle={() => toggleAgent(saved.agentId)}
          />
        ))}
      </fieldset>
      <div className="p-2 pb-0">
        <input
          aria-label="Find a service"
          autoFocus
          className="field"
          placeholder="Find a service"
          type="search"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <fieldset className="min-h-0 overflow-y-auto p-2">
        <legend className="sr-only">Services</legend>
        <CheckRow
          checked={services === null}
          label="All services"
          onToggle={() => console.patchView({ services: null, page: 0 })}
        />
        {found.slice(0, SHOWN_SERVICES).map((name) => (
          <CheckRow
            key={name}
            checked={services?.includes(name) === true}
            label={visibleText(name)}
            onToggle={() => toggleService(name)}
          />
        ))}
        {found.length > SHOWN_SERVICES && (
          <p className="px-2 py-1 text-xs text-text-3">{found.length - SHOWN_SERVICES} more: type to find them</p>
        )}
        {found.length === 0 && <p className="px-2 py-1 text-xs text-text-3">No service is called that</p>}
      </fieldset>
    </>
  );
}

interface CheckRowProps {
  readonly checked: boolean;
  readonly label: string;
  readonly detail?: string;
  readonly onToggle: () => void;
}

function CheckRow({ checked, label, detail, onToggle }: CheckRowProps) {
  return (
    <label className="flex min-h-7 items-center gap-2.5 rounded-md px-2 text-sm text-text-1 hover:bg-hover">
      <input checked={checked} className="size-4 accent-accent" type="checkbox" onChange={onToggle} />
      <span className="truncate">{label}</span>
      {detail !== undefined && <span className="truncate text-text-3">{detail}</span>}
    </label>
  );
}

function toggled(list: readonly string[], item: string): readonly string[] {
  return list.includes(item) ? list.filter((one) => one !== item) : [...list, item];
}
