import { SEVERITIES, type Anomaly } from '@sentinellog/shared';
import type { ScopedSource } from '../../stores/scope.ts';

/** A tile's identity. */
export function keyOf({ ref }: ScopedSource): string {
  return `${ref.agentId}/${ref.sourceId}`;
}

/** Agent id → source id → its loudest open anomaly. */
type WorstByAgent = ReadonlyMap<string, ReadonlyMap<string, Anomaly>>;

/** What is outside comes first, loudest before quiet; the rest by name. */
export function worstFirst(sources: readonly ScopedSource[], worst: WorstByAgent): readonly ScopedSource[] {
  const rank = ({ ref }: ScopedSource) => {
    const anomaly = worst.get(ref.agentId)?.get(ref.sourceId);
    return anomaly === undefined ? SEVERITIES.length : SEVERITIES.indexOf(anomaly.severity);
  };
  return sources.toSorted((a, b) => rank(a) - rank(b));
}

/** As they stood when the pointer or the focus came in: nothing moves under it. Newcomers go to the end. */
export function inOrder(sources: readonly ScopedSource[], order: readonly string[]): readonly ScopedSource[] {
  const place = new Map(order.map((key, i) => [key, i]));
  return sources.toSorted((a, b) => (place.get(keyOf(a)) ?? order.length) - (place.get(keyOf(b)) ?? order.length));
}
