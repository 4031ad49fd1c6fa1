import { SourceListSchema } from '@sentinellog/shared';
import { SERVICE_NAMES } from './services.ts';

const TIMEOUT_MS = 10_000;

/**
 * Where an agent that was simulated for before has got to: milliseconds of the latest line of any simulated service, or
 * null when there is none, or when the agent will not say. History before it would be counted twice.
 */
export async function lastSeenMs(url: string, token: string, fetcher: typeof fetch): Promise<number | null> {
  let body: unknown;
  try {
    const response = await fetcher(new URL('/v1/sources', url), {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return null;
    body = await response.json();
  } catch {
    return null; // Whether the agent is there at all is found out, and said, by the first batch.
  }
  const answer = SourceListSchema.safeParse(body);
  if (!answer.success) return null;
  const known: readonly string[] = SERVICE_NAMES;
  const seen = answer.data.sources
    .filter(({ service }) => known.includes(service))
    .map((source) => source.last_seen_ms);
  return seen.length > 0 ? Math.max(...seen) : null;
}
