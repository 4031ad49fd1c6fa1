import { useEffect, useState } from 'react';

/** The time, re-read every `intervalMs`: for ages and clocks that a person watches, never for data. */
export function useTick(now: () => number, intervalMs: number): number {
  const [nowMs, setNowMs] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(now()), intervalMs);
    return () => clearInterval(timer);
  }, [now, intervalMs]);
  return nowMs;
}
