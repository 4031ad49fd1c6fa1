import type { HealthMap } from '@sentinellog/shared';
import { HealthMark } from '../../components/health-mark.tsx';
import { HEALTH_ORDER, HEALTH_WORDS } from '../../words/health-words.ts';
import { exactly, percent } from '../../words/quantity.ts';
import { visibleText } from '../../words/visible-text.ts';

interface ServiceTableProps {
  readonly map: HealthMap;
  readonly current: boolean;
  readonly onOpen: (service: string) => void;
}

/** The map without a picture: worst first, with everything that the picture says. */
export function ServiceTable({ map, current, onOpen }: ServiceTableProps) {
  const nodes = map.nodes.toSorted(
    (a, b) => HEALTH_ORDER.indexOf(a.health) - HEALTH_ORDER.indexOf(b.health) || (a.service < b.service ? -1 : 1),
  );
  return (
    <div className="overflow-x-auto" role="region" aria-label="Services as a table" tabIndex={0}>
      <table className="desk-table">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Service</th>
            <th className="text-right" scope="col">
              Lines/s
            </th>
            <th className="text-right" scope="col">
              Errors
            </th>
            <th scope="col">Calls</th>
            <th scope="col">Called by</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((node) => (
            <tr key={node.service}>
              <td className="whitespace-nowrap">
                <HealthMark health={current ? node.health : 'unknown'} />{' '}
                {current ? HEALTH_WORDS[node.health] : `not known, last ${HEALTH_WORDS[node.health]}`}
              </td>
              <td>
                <button
                  className="min-h-6 text-accent underline underline-offset-2"
                  type="button"
                  onClick={() => onOpen(node.service)}
                >
                  {visibleText(node.service)}
                </button>
              </td>
              <td className="text-right">{current ? exactly(node.events_per_second) : '—'}</td>
              <td className="text-right">{node.error_share === null || !current ? '—' : percent(node.error_share)}</td>
              <td>{names(map.edges.filter(({ from }) => from === node.service).map(({ to }) => to))}</td>
              <td>{names(map.edges.filter(({ to }) => to === node.service).map(({ from }) => from))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function names(all: readonly string[]): string {
  return all.length === 0 ? '—' : all.toSorted().map(visibleText).join(', ');
}
