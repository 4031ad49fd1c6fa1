import { SEVERITIES } from '@sentinellog/shared';
import { copyText } from '../components/copy-text.ts';
import type { Console } from '../stores/console.ts';
import { INBOX_TABS, TAB_NAMES, type InboxTab } from '../stores/inbox-filter.ts';
import type { IncidentQuestion } from '../stores/incident-console.ts';
import { DETAIL_TABS } from '../stores/incident-console.ts';
import { handoff, incidentLink } from './handoff.ts';
import type { Command } from './command.ts';

/** The desk's own field for words; `/` goes there. */
export const FILTER_FIELD_ID = 'view-filter';

const TAB_KEYS: Readonly<Record<InboxTab, string>> = {
  review: 'f u',
  mine: 'f m',
  acked: 'f a',
  silenced: 'f s',
  resolved: 'f r',
  all: 'f x',
};

/** Everything that can be done to incidents, in the order of the `?` sheet (ux §2.3). */
export function incidentCommands(console: Console): readonly Command[] {
  const { incidents } = console;
  const { inbox } = incidents;
  const ask = (type: Exclude<IncidentQuestion['type'], 'ackAll'>) => incidents.ask({ type, refs: inbox.targets() });
  const here = { group: 'Incidents', context: 'incidents' } as const;
  const acts = { ...here, effect: 'reversible', scope: 'alert.write' } as const;
  const all = () =>
    inbox
      .rows()
      .filter(({ incident }) => incident.state === 'OPEN')
      .map(({ agentId, incident }) => ({ agentId, incidentId: incident.incident_id }));

  return [
    {
      id: 'incident.next',
      title: 'Next un-acknowledged incident',
      group: 'Incidents',
      keys: ['n'],
      synonyms: ['worst', 'open'],
      run: () => incidents.openNext(1),
    },
    {
      id: 'incident.previous',
      title: 'Previous un-acknowledged incident',
      group: 'Incidents',
      keys: ['Shift+N'],
      run: () => incidents.openNext(-1),
    },
    {
      id: 'incident.ack',
      title: 'Acknowledge',
      keys: ['a'],
      synonyms: ['take', 'ack', 'own'],
      ...acts,
      disabledReason: () => incidents.whyNot('ack'),
      run: () => incidents.act({ action: 'ack' }),
    },
    {
      id: 'incident.unack',
      title: 'Un-acknowledge',
      keys: ['Shift+A'],
      ...acts,
      disabledReason: () => incidents.whyNot('unack'),
      run: () => incidents.act({ action: 'unack' }),
    },
    {
      id: 'incident.silence',
      title: 'Silence …',
      keys: ['s'],
      synonyms: ['mute', 'snooze', 'maintenance'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => incidents.whyNot('silence'),
      run: () => ask('silence'),
    },
    {
      id: 'incident.unsilence',
      title: 'Un-silence',
      keys: ['Shift+S'],
      synonyms: ['unmute'],
      ...acts,
      disabledReason: () => incidents.whyNot('unsilence'),
      run: () => incidents.act({ action: 'unsilence' }),
    },
    {
      id: 'incident.resolve',
      title: 'Resolve',
      keys: ['r'],
      synonyms: ['close', 'done', 'fix'],
      ...acts,
      disabledReason: () => incidents.whyNot('resolve'),
      run: () => incidents.act({ action: 'resolve' }),
    },
    ...(['fixed', 'noise', 'expected', 'duplicate'] as const).map(
      (resolution): Command => ({
        id: `incident.resolve.${resolution}`,
        title: `Resolve as ${resolution}`,
        keys: [],
        synonyms: ['close', resolution === 'noise' ? 'false alarm' : 'done'],
        ...acts,
        disabledReason: () => incidents.whyNot('resolve'),
        run: () => incidents.act({ action: 'resolve', resolution }),
      }),
    ),
    {
      id: 'incident.hooks',
      title: 'Run an automation hook …',
      keys: ['Shift+H'],
      synonyms: ['remediate', 'restart', 'scale', 'page'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => (inbox.targets().length === 0 ? 'no incident is chosen' : null),
      run: () => {
        incidents.view.setState({ tab: 'hooks', detailShown: true });
        document.getElementById('incident-tab')?.focus();
      },
    },
    {
      id: 'incident.reopen',
      title: 'Re-open',
      keys: ['Shift+O'],
      ...acts,
      disabledReason: () => incidents.whyNot('reopen'),
      run: () => incidents.act({ action: 'reopen' }),
    },
    {
      id: 'incident.assignToMe',
      title: 'Assign to me',
      keys: ['i'],
      synonyms: ['claim', 'mine', 'take'],
      ...acts,
      disabledReason: () => incidents.whyNot('assign'),
      run: () => {
        for (const [agentId, refs] of Map.groupBy(inbox.targets(), (ref) => ref.agentId)) {
          incidents.act({ action: 'assign', to: incidents.me(agentId) }, refs);
        }
      },
    },
    {
      id: 'incident.assign',
      title: 'Assign to …',
      keys: ['Shift+I'],
      synonyms: ['hand over', 'delegate'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => incidents.whyNot('assign'),
      run: () => ask('assign'),
    },
    {
      id: 'incident.note',
      title: 'Note …',
      keys: ['c'],
      synonyms: ['comment', 'write'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => incidents.whyNot('notes'),
      run: () => ask('note'),
    },
    {
      id: 'incident.severity',
      title: 'Severity …',
      keys: ['p'],
      synonyms: ['priority', 'override'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => incidents.whyNot('severity'),
      run: () => ask('severity'),
    },
    {
      id: 'incident.explain',
      title: 'Explain its deviation: what is it made of?',
      keys: ['e'],
      synonyms: ['why', 'patterns', 'clusters'],
      ...here,
      disabledReason: () => (inbox.targets().length === 0 ? 'no incident is chosen' : null),
      run: () => {
        const [ref] = inbox.targets();
        const row = ref === undefined ? undefined : incidents.desk.row(ref);
        if (row === undefined) return;
        const { quiet_since_ms: quietMs, resolved_at_ms: resolvedMs, first_mover } = row.incident;
        const { at_ms: fromMs } = first_mover;
        console.isolate({ agentId: row.agentId, sourceId: first_mover.source_id });
        console.go('heartbeat');
        console.brush.lookAt({ fromMs, toMs: Math.max(fromMs + 1000, quietMs ?? resolvedMs ?? console.now()) });
      },
    },
    {
      id: 'incident.merge',
      title: 'Merge the selected into the worst …',
      keys: ['Shift+M'],
      synonyms: ['join', 'duplicate'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => {
        const targets = inbox.targets();
        if (targets.length < 2) return 'select two or more (x)';
        if (new Set(targets.map(({ agentId }) => agentId)).size > 1) return 'they belong to different clusters';
        return incidents.whyNot('merge', targets);
      },
      run: () => ask('merge'),
    },
    {
      id: 'incident.ackAll',
      title: 'Acknowledge all shown …',
      keys: ['Mod+Shift+A'],
      ...here,
      scope: 'alert.write',
      disabledReason: () => incidents.whyNot('ack', all()),
      run: () => incidents.ask({ type: 'ackAll', refs: all() }),
    },
    ...(
      [
        { id: 'incident.link', title: 'Copy a link to it', keys: 'y', text: incidentLink, what: 'Link' },
        { id: 'incident.handoff', title: 'Copy a handoff', keys: 'Shift+Y', text: handoff, what: 'Handoff' },
      ] as const
    ).map(
      ({ id, title, keys, text, what }): Command => ({
        id,
        title,
        ...here,
        keys: [keys],
        synonyms: ['share', 'slack', 'markdown'],
        disabledReason: () => (inbox.targets().length === 0 ? 'no incident is chosen' : null),
        run: () => {
          const copied = inbox.targets().flatMap((ref) => {
            const row = incidents.desk.row(ref);
            const code = console.agent(ref.agentId)?.saved.code ?? '';
            return row === undefined ? [] : [text(row.incident, code, console.now())];
          });
          console.announce(copyText(copied.join('\n\n')) ? `${what} copied` : 'Nothing could be copied here');
        },
      }),
    ),
    {
      id: 'incident.undo',
      title: 'Undo',
      group: 'Incidents',
      keys: ['z', 'Mod+Z'],
      effect: 'reversible',
      disabledReason: () => (console.canUndo() ? null : 'nothing to undo'),
      run: () => console.undo(),
    },
    {
      id: 'incident.redo',
      title: 'Redo',
      group: 'Incidents',
      keys: ['Shift+Z', 'Mod+Shift+Z'],
      effect: 'reversible',
      disabledReason: () => (incidents.desk.state.getState().redoable ? null : 'nothing to redo'),
      run: () => incidents.redo(),
    },
    { id: 'inbox.down', title: 'Next row', ...here, keys: ['j', 'ArrowDown'], run: () => inbox.move(1) },
    { id: 'inbox.up', title: 'Previous row', ...here, keys: ['k', 'ArrowUp'], run: () => inbox.move(-1) },
    { id: 'inbox.pageDown', title: 'A page down', ...here, keys: ['PageDown'], run: () => inbox.move(10) },
    { id: 'inbox.pageUp', title: 'A page up', ...here, keys: ['PageUp'], run: () => inbox.move(-10) },
    {
      id: 'inbox.first',
      title: 'First row',
      ...here,
      keys: ['g g', 'Home'],
      run: () => inbox.move(Number.NEGATIVE_INFINITY),
    },
    {
      id: 'inbox.last',
      title: 'Last row',
      ...here,
      keys: ['Shift+G', 'End'],
      run: () => inbox.move(Number.POSITIVE_INFINITY),
    },
    {
      id: 'incident.open',
      title: 'Open',
      ...here,
      keys: ['Enter', 'o'],
      run: () => {
        incidents.view.setState({ detailShown: true });
        requestAnimationFrame(() => document.getElementById('incident-detail')?.focus());
      },
    },
    {
      id: 'incident.peek',
      title: 'Peek: show or hide the detail',
      ...here,
      keys: ['Space'],
      run: () => incidents.view.setState({ detailShown: !incidents.view.getState().detailShown }),
    },
    {
      id: 'incident.tab',
      title: 'Next tab of the detail',
      ...here,
      keys: ['>', 'Mod+Tab'],
      run: () => {
        const { tab } = incidents.view.getState();
        const next = DETAIL_TABS[(DETAIL_TABS.indexOf(tab) + 1) % DETAIL_TABS.length] ?? 'overview';
        incidents.view.setState({ tab: next });
      },
    },
    {
      id: 'inbox.select',
      title: 'Select or leave out',
      ...here,
      keys: ['x'],
      synonyms: ['mark'],
      run: () => {
        const { focused } = inbox.state.getState();
        if (focused !== null) inbox.toggleSelected(focused);
      },
    },
    {
      id: 'inbox.extendDown',
      title: 'Select downwards',
      ...here,
      keys: ['Shift+ArrowDown'],
      run: () => inbox.extend(1),
    },
    { id: 'inbox.extendUp', title: 'Select upwards', ...here, keys: ['Shift+ArrowUp'], run: () => inbox.extend(-1) },
    { id: 'inbox.sticky', title: 'Start or end a range', ...here, keys: ['v'], run: () => inbox.toggleSticky() },
    {
      id: 'inbox.selectAll',
      title: 'Select all shown',
      ...here,
      keys: ['Mod+A'],
      run: () => {
        inbox.selectAll();
        console.announce(`${inbox.state.getState().selected.size} selected`);
      },
    },
    {
      id: 'inbox.fresh',
      title: 'Take the new ones into the list',
      ...here,
      keys: ['.'],
      run: () => inbox.settle(),
    },
    ...SEVERITIES.map(
      (severity, i): Command => ({
        id: `filter.${severity}`,
        title: `Show ${severity} only`,
        ...here,
        keys: [`f ${i + 1}`],
        run: () => {
          const { filter } = inbox.state.getState();
          inbox.setFilter({ severity: filter.severity === severity ? null : severity });
        },
      }),
    ),
    ...INBOX_TABS.map(
      (tab): Command => ({
        id: `filter.${tab}`,
        title: tab === 'all' ? 'Clear the filter: all incidents' : `Show ${TAB_NAMES[tab].toLowerCase()}`,
        ...here,
        keys: [TAB_KEYS[tab]],
        run: () => inbox.setFilter(tab === 'all' ? { tab, severity: null, text: '' } : { tab }),
      }),
    ),
    {
      id: 'filter.words',
      title: 'Filter by words',
      group: 'Incidents',
      keys: ['/'],
      when: () => document.getElementById(FILTER_FIELD_ID) !== null,
      run: () => document.getElementById(FILTER_FIELD_ID)?.focus(),
    },
  ];
}
