import { SEVERITIES, type HealthMap, type Incident } from '@sentinellog/shared';

type Node = HealthMap['nodes'][number];

/**
 * A map that the agent drew some seconds ago, with its incidents as they are now: the inbox, the counts and the map
 * must not disagree for as long as it takes to ask again. By the agent's own rule: a service is as bad as the worst open
 * alert of its open incidents, also of one that is quiet for the moment.
 */
export function withIncidents(map: HealthMap, incidents: readonly Incident[]): HealthMap {
  const open = incidents.filter(({ state }) => state !== 'RESOLVED');
  return { ...map, nodes: map.nodes.map((node) => nodeNow(node, open)) };
}

function nodeNow(node: Node, open: readonly Incident[]): Node {
  const ids = new Set(node.source_ids);
  const touching = open.filter(({ alerts }) => alerts.some(({ source_id }) => ids.has(source_id)));
  return { ...node, health: healthNow(node, ids, touching), incident_ids: touching.map((one) => one.incident_id) };
}

function healthNow({ health }: Node, ids: ReadonlySet<string>, open: readonly Incident[]): Node['health'] {
  // Only the agent knows that a service has stopped talking; it is told of, so an incident must be open.
  if (health === 'silent' && open.length > 0) return health;
  const counted = new Set(
    open.flatMap(({ alerts, severity_override }) =>
      alerts
        .filter(({ state, source_id }) => state !== 'RESOLVED' && ids.has(source_id))
        .map(({ severity }) => severity_override?.severity ?? severity),
    ),
  );
  return SEVERITIES.find((severity) => counted.has(severity)) ?? (health === 'unknown' ? health : 'ok');
}
