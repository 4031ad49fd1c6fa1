import { useEffect, useRef } from 'react';
import { useCommand } from '../../commands/keyboard.tsx';
import { useTick } from '../../components/use-tick.ts';
import type { DeskRow } from '../../stores/desk-state.ts';
import { areRelated, fits, rowKey } from '../../stores/inbox-filter.ts';
import { useConsole, useInbox, useIncidents, useView } from '../../stores/use-console.ts';
import { plural } from '../../words/quantity.ts';
import { IncidentRow } from './incident-row.tsx';
import { scrollIntoView, useWindowedRows } from './windowed-rows.ts';
import { rowSparkline } from './row-sparkline.ts';

const ROW_HEIGHT = 36;

export function rowDomId(key: string): string {
  return `incident-${key.replaceAll(/[^\w-]/g, '-')}`;
}

/** The list itself: thousands of incidents, a screenful of rows, and one of them in focus by its id. */
export function InboxList({ rows }: { readonly rows: readonly DeskRow[] }) {
  // A row's line is read from the feed, which no argument tells of.
  'use no memo';
  const console = useConsole();
  const incidents = useIncidents();
  const { inbox } = incidents;
  const focused = useInbox((state) => state.focused);
  const selected = useInbox((state) => state.selected);
  const filter = useInbox((state) => state.filter);
  const fresh = useInbox((state) => state.fresh);
  const agentIds = useView((view) => view.agentIds);
  const services = useView((view) => view.services);
  const { label: freshKey } = useCommand('inbox.fresh');
  const nowMs = useTick(console.now, 1000);
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, onScroll } = useWindowedRows(scroller, rows.length, ROW_HEIGHT);
  const at = rows.findIndex((row) => rowKey(row) === focused);
  const followed = useRef<string | null>(null);
  useEffect(() => {
    // Only when the focus goes to another incident: what comes in must not scroll the list.
    if (at < 0 || followed.current === focused) return;
    followed.current = focused;
    if (scroller.current !== null) scrollIntoView(scroller.current, at * ROW_HEIGHT, ROW_HEIGHT);
  }, [focused, at]);
  const scope = { agentIds, services, me: (agentId: string) => incidents.me(agentId) };

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      {fresh > 0 && (
        <button className="fresh-pill" type="button" onClick={() => inbox.settle()}>
          {fresh} new <kbd className="key key-inline">{freshKey}</kbd>
        </button>
      )}
      <div
        aria-activedescendant={focused === null || at < 0 ? undefined : rowDomId(focused)}
        aria-label="Incidents"
        aria-multiselectable="true"
        aria-rowcount={rows.length}
        className="min-h-0 flex-1 overflow-y-auto outline-none"
        id="inbox"
        ref={scroller}
        role="grid"
        tabIndex={0}
        onBlur={() => inbox.attend(false)}
        onFocus={() => {
          inbox.attend(true);
          if (at < 0) inbox.move(1);
        }}
        onScroll={() => {
          inbox.touch();
          onScroll();
        }}
      >
        <div className="relative w-full" role="rowgroup" style={{ height: rows.length * ROW_HEIGHT }}>
          {rows.slice(first, last).map((row, i) => {
            const index = first + i;
            const key = rowKey(row);
            const lead = rows[index - 1];
            return (
              <div className="absolute inset-x-0 h-9" key={key} role="presentation" style={{ top: index * ROW_HEIGHT }}>
                <IncidentRow
                  code={console.agent(row.agentId)?.saved.code ?? ''}
                  focused={key === focused}
                  index={index}
                  leaving={!fits(row, filter, scope)}
                  nowMs={nowMs}
                  related={lead !== undefined && areRelated(lead, row)}
                  row={row}
                  rowId={rowDomId(key)}
                  selected={selected.has(key)}
                  spark={rowSparkline(console, row, nowMs)}
                  onFocus={() => inbox.focus(key)}
                  onOpen={() => {
                    inbox.focus(key);
                    incidents.view.setState({ detailShown: true });
                  }}
                  onSelect={() => inbox.toggleSelected(key)}
                />
              </div>
            );
          })}
        </div>
      </div>
      {selected.size > 0 && (
        <p className="border-t border-line-1 bg-sel px-3 py-1.5 text-xs text-text-1" role="status">
          {plural(selected.size, 'incident')} selected: keys act on all of them. <kbd className="key">Esc</kbd> to let
          go
        </p>
      )}
    </div>
  );
}
