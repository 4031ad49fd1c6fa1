import '../../styles/desks.css';
import { lazy, Suspense, type KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import { RULES_TABS, type RulesTab } from '../../stores/policy-desk.ts';
import { usePolicyDesk } from '../../stores/use-policy-desk.ts';
import { ViewTitle } from '../shell/view-title.tsx';
import { RulesDesk } from './rules-desk.tsx';

const SilencesDesk = lazy(async () => ({ default: (await import('./silences-desk.tsx')).SilencesDesk }));
const WindowsDesk = lazy(async () => ({ default: (await import('./windows-desk.tsx')).WindowsDesk }));
const RoutingDesk = lazy(async () => ({ default: (await import('./routing-desk.tsx')).RoutingDesk }));

const NAMES: Readonly<Record<RulesTab, string>> = {
  rules: 'Rules',
  silences: 'Silences',
  windows: 'Maintenance windows',
  routing: 'Who is told?',
};
const DESKS = {
  rules: RulesDesk,
  silences: SilencesDesk,
  windows: WindowsDesk,
  routing: RoutingDesk,
} as const satisfies Record<RulesTab, unknown>;

/** What a person has laid down: when to alarm, when to be quiet, whom to tell. */
export function RulesView() {
  const desk = usePolicyDesk();
  const tab = useStore(desk.places, (places) => places.tab);
  const choose = (next: RulesTab) => desk.places.setState({ tab: next });
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = RULES_TABS[(RULES_TABS.indexOf(tab) + step + RULES_TABS.length) % RULES_TABS.length] ?? tab;
    choose(next);
    document.getElementById(`rules-tab-${next}`)?.focus();
  };
  const Desk = DESKS[tab];
  return (
    <div className="flex h-full flex-col p-3">
      <section className="relative flex min-h-0 flex-1 flex-col overflow-hidden rounded-lg border border-line-1 bg-bg-1">
        <header className="flex shrink-0 items-center gap-4 border-b border-line-1 px-3 pt-1">
          <ViewTitle className="pb-1 text-base font-semibold whitespace-nowrap">Rules &amp; policies</ViewTitle>
          <div aria-label="Policies" className="flex gap-1" role="tablist" onKeyDown={move}>
            {RULES_TABS.map((one) => (
              <button
                aria-controls="rules-panel"
                aria-selected={one === tab}
                className="inbox-tab h-9"
                id={`rules-tab-${one}`}
                key={one}
                role="tab"
                tabIndex={one === tab ? 0 : -1}
                type="button"
                onClick={() => choose(one)}
              >
                {NAMES[one]}
              </button>
            ))}
          </div>
        </header>
        <div
          aria-labelledby={`rules-tab-${tab}`}
          className="flex min-h-0 flex-1 flex-col"
          id="rules-panel"
          role="tabpanel"
        >
          <Suspense>
            <Desk />
          </Suspense>
        </div>
      </section>
    </div>
  );
}
