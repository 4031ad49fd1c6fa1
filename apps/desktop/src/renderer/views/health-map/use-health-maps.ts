import type { HealthMap } from '@sentinellog/shared';
import { useDesk } from '../../stores/use-console.ts';
import { useAnswers, usePolicyDesk, type AgentAnswer } from '../../stores/use-policy-desk.ts';
import { withIncidents } from '../../stores/service-health.ts';

const EVERY_MS = 5000;

/** The map of each agent in scope: figures and calls as it was last asked, states as the incidents are now. */
export function useHealthMaps(): readonly AgentAnswer<HealthMap>[] {
  const answers = useAnswers(usePolicyDesk().map, EVERY_MS);
  const desk = useDesk(({ agents }) => agents);
  return answers.map((answer) => {
    const incidents = [...(desk.get(answer.agentId)?.values() ?? [])].map(({ incident }) => incident);
    return answer.value === null ? answer : { ...answer, value: withIncidents(answer.value, incidents) };
  });
}
