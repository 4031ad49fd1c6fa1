import type { ServiceHealth } from '../words/health-words.ts';
import { SeverityShape } from './severity-badge.tsx';

const COLOURS: Readonly<Record<ServiceHealth, string>> = {
  P1: 'text-p1',
  P2: 'text-p2',
  P3: 'text-p3',
  P4: 'text-p4',
  silent: 'text-p2',
  unknown: 'text-quiet',
  ok: 'text-ok',
};

/** A shape a state, never colour alone: not known is no tick. The word stands beside it. */
export function HealthMark({ health, size = 12 }: { readonly health: ServiceHealth; readonly size?: number }) {
  return (
    <span aria-hidden="true" className={`inline-grid shrink-0 place-items-center ${COLOURS[health]}`}>
      {health === 'ok' || health === 'unknown' || health === 'silent' ? (
        <svg
          fill="none"
          height={size}
          stroke="currentColor"
          strokeLinecap="round"
          strokeWidth="1.8"
          viewBox="0 0 14 14"
          width={size}
        >
          <path d={OTHERS[health]} />
        </svg>
      ) : (
        <SeverityShape severity={health} size={size} />
      )}
    </span>
  );
}

/** A tick, a question mark, and a line that has gone flat. */
const OTHERS = {
  ok: 'M2.5 7.5 5.6 10.6 11.5 3.6',
  unknown: 'M4.6 5a2.4 2.4 0 1 1 3.5 2.1C7.3 7.6 7 8 7 8.9M7 11.6v.1',
  silent: 'M1.5 7h3M6.2 7h1.6M9.5 7h3M3 11 11 3',
} as const;
