import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Panel } from '../../components/panel.tsx';
import type { FeedSource } from '../../stores/plot-sources.ts';
import { useConsole, useView } from '../../stores/use-console.ts';
import { secondOf } from '../../words/clock.ts';
import { reading } from '../../words/quantity.ts';
import { tableCsv, tableRows, type TableRow } from './table-rows.ts';

const ROWS_A_PAGE = 25;

/** The chart as numbers, newest first, as they stood when the table was opened or turned. */
export function DataTable({ source }: { readonly source: FeedSource }) {
  const console = useConsole();
  const clock = useView((view) => view.preferences.clock);
  const [page, setPage] = useState(0);
  const [rows, setRows] = useState<readonly TableRow[]>(() => tableRows(source));
  const pages = Math.max(1, Math.ceil(rows.length / ROWS_A_PAGE));
  const say = (value: number | null) => (value === null ? '–' : reading(source.signal, value));
  const several = source.lines.length > 1;
  return (
    <Panel
      className="shrink-0"
      fact={`${rows.length} steps, page ${page + 1} of ${pages}`}
      title="Numbers"
      tools={
        <div className="flex gap-1.5">
          <Button look="quiet" size="small" onClick={() => setRows(tableRows(source))}>
            Reload
          </Button>
          <Button
            disabledReason={page === 0 ? 'these are the newest' : null}
            size="small"
            onClick={() => setPage(page - 1)}
          >
            Newer
          </Button>
          <Button
            disabledReason={page >= pages - 1 ? 'these are the oldest' : null}
            size="small"
            onClick={() => setPage(page + 1)}
          >
            Older
          </Button>
          <CopyButton label="Copy CSV" text={tableCsv(rows)} />
          <Button look="quiet" size="small" onClick={() => console.patchView({ tableOpen: false })}>
            Close
          </Button>
        </div>
      }
    >
      <section aria-label="Table of numbers" className="max-h-64 overflow-y-auto" tabIndex={0}>
        <table className="w-full text-right text-xs">
          <thead className="sticky top-0 bg-bg-1 text-text-3">
            <tr className="[&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
              <th className="text-left" scope="col">
                Time
              </th>
              {several && (
                <th className="text-left" scope="col">
                  Cluster
                </th>
              )}
              <th scope="col">Observed</th>
              <th scope="col">Expected</th>
              <th scope="col">Low</th>
              <th scope="col">High</th>
              <th className="text-left" scope="col">
                State
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(page * ROWS_A_PAGE, (page + 1) * ROWS_A_PAGE).map((row) => (
              <tr className="border-t border-line-1 [&>td]:px-3 [&>td]:py-1" key={`${row.second} ${row.line}`}>
                <td className="text-left text-text-2">{secondOf(row.second * 1000, clock)}</td>
                {several && <td className="text-left text-text-2">{row.line}</td>}
                <td>{say(row.value)}</td>
                <td className="text-text-2">{say(row.mean)}</td>
                <td className="text-text-2">{say(row.lower)}</td>
                <td className="text-text-2">{say(row.upper)}</td>
                <td className="text-left text-text-2">{row.state}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}
