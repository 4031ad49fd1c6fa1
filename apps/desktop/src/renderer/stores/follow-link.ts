import type { LinkTarget } from '../../bridge/link-target.ts';
import type { Console } from './console.ts';
import { showHash, viewHash } from './view-link.ts';
import { rowKey } from './inbox-filter.ts';
import type { IncidentRef } from './incident-ref.ts';

/** A console that has just started knows its incidents a moment after its agents. */
const WAIT_MS = 10_000;

/** Goes where a link leads and does nothing else. What cannot be found is said, never guessed. */
export function followLink(console: Console, target: LinkTarget): void {
  if (console.agents.getState().listed) {
    follow(console, target);
    return;
  }
  // The link that started the console is there before its agents are.
  const stop = console.agents.subscribe(({ listed }) => {
    if (!listed) return;
    stop();
    follow(console, target);
  });
}

function follow(console: Console, target: LinkTarget): void {
  switch (target.to) {
    case 'view':
      console.go(target.view);
      if (target.query !== '') showHash(console, `#/${target.view}?${target.query}`);
      return;
    case 'rule':
      void followToRule(console, target.ruleId);
      return;
    case 'heartbeat':
      followToHeartbeat(console, target);
      return;
    case 'incident':
      followToIncident(console, target);
      return;
    default:
      target satisfies never;
  }
}

/** The link to what is on the screen: what a pop-out begins with. */
export function placeShown(console: Console): LinkTarget {
  const { view, isolated, window } = console.view.getState();
  const { inbox } = console.incidents;
  const { focused } = inbox.state.getState();
  const row = inbox.rows().find((one) => rowKey(one) === focused);
  if (view === 'incidents' && row !== undefined) {
    const { tab } = console.incidents.view.getState();
    return { to: 'incident', incidentId: row.incident.incident_id, cluster: codeOf(console, row.agentId), tab };
  }
  if (view !== 'heartbeat') {
    return { to: 'view', view, query: viewHash(console.view.getState()).replace(/^.*\?/, '') };
  }
  const span = window.type === 'fixed' ? { fromMs: Math.round(window.fromMs), toMs: Math.round(window.toMs) } : null;
  const code = isolated === null ? null : codeOf(console, isolated.agentId);
  return { to: 'heartbeat', clusters: code === null ? [] : [code], sourceId: isolated?.sourceId ?? null, span };
}

function followToHeartbeat(console: Console, target: LinkTarget & { to: 'heartbeat' }): void {
  const agents = [...console.agents.getState().agents.values()];
  const wanted = agents.filter(({ saved }) => target.clusters.includes(saved.code));
  const missing = target.clusters.filter((code) => !agents.some(({ saved }) => saved.code === code));
  console.go('heartbeat');
  if (missing.length > 0) say(console, `This link is for ${missing.join(', ')}, which is not connected here`);
  if (wanted.length > 0) console.patchView({ agentIds: wanted.map(({ saved }) => saved.agentId) });
  const { sourceId, span } = target;
  const agent = agents.find(({ sources }) => sourceId !== null && sources.has(sourceId));
  if (sourceId !== null && agent !== undefined) console.isolate({ agentId: agent.saved.agentId, sourceId });
  if (sourceId !== null && agent === undefined)
    say(console, 'This link is for a source that no connected cluster knows');
  if (span !== null) console.brush.zoomTo(span);
}

/** A rule has one id in one cluster; which one it is, they say themselves. */
async function followToRule(console: Console, ruleId: string): Promise<void> {
  const { placeKey, policyDeskOf } = await import('./policy-desk.ts');
  const { rules, places } = policyDeskOf(console);
  console.go('rules');
  const agentIds = [...console.agents.getState().agents.keys()];
  await Promise.all(agentIds.map((agentId) => rules.ask(agentId)));
  const found = agentIds.find((agentId) =>
    rules.answers
      .getState()
      .get(agentId)
      ?.value?.some(({ rule_id }) => rule_id === ruleId),
  );
  if (found === undefined) say(console, 'This link is for a rule that no connected cluster tells of');
  else places.setState({ rule: placeKey(found, ruleId), tab: 'rules' });
}

function followToIncident(console: Console, { incidentId, cluster, tab }: LinkTarget & { to: 'incident' }): void {
  const { desk } = console.incidents;
  const agents = [...console.agents.getState().agents.values()];
  console.go('incidents');
  if (cluster !== null && agents.length > 0 && !agents.some(({ saved }) => saved.code === cluster)) {
    say(console, `This link is for ${cluster}, which is not connected here`);
    return;
  }
  if (tab !== null) console.incidents.view.setState({ tab });
  const open = (): boolean => {
    const ref = find(desk.state.getState().agents.keys(), incidentId, (one) => desk.row(one) !== undefined);
    if (ref !== undefined) console.incidents.open(ref);
    return ref !== undefined;
  };
  if (open()) return;
  const stop = desk.state.subscribe(() => {
    if (!open()) return;
    stop();
    cancel();
  });
  const cancel = console.after(WAIT_MS, () => {
    stop();
    say(
      console,
      'This link is for an incident that no connected cluster tells of: it may be deleted, or not for your eyes',
    );
  });
}

function find(
  agentIds: Iterable<string>,
  incidentId: string,
  exists: (ref: IncidentRef) => boolean,
): IncidentRef | undefined {
  return [...agentIds].map((agentId) => ({ agentId, incidentId })).find(exists);
}

function codeOf(console: Console, agentId: string): string | null {
  const code = console.agent(agentId)?.saved.code ?? '';
  return /^[\p{L}\p{N}_.-]{1,6}$/u.test(code) ? code : null;
}

function say(console: Console, text: string): void {
  console.incidents.toasts.show({ text, tone: 'bad', forMs: null, actions: [] });
  console.announce(text);
}
