import type { Command } from '../../commands/command.ts';
import type { Console } from '../../stores/console.ts';
import { allRows, rowKey, rowRef } from '../../stores/inbox-filter.ts';
import { incidentName } from '../../words/incident-words.ts';
import { visibleText } from '../../words/visible-text.ts';
import { fuzzyScore } from './fuzzy.ts';

/** What the first letter narrows the search to. */
export const PREFIXES = [
  { sign: ':', name: 'go to' },
  { sign: '#', name: 'incidents' },
  { sign: '@', name: 'people and services' },
  { sign: '~', name: 'sources' },
  { sign: '/', name: 'filter by words' },
] as const;
type EntryKind = 'command' | 'view' | 'incident' | 'person' | 'service' | 'source' | 'cluster';

export interface PaletteEntry {
  readonly id: string;
  readonly kind: EntryKind;
  readonly title: string;
  /** What it is about, in a quieter voice. */
  readonly detail: string;
  /** Lower case; what is searched. */
  readonly words: string;
  readonly keys: string | undefined;
  readonly disabledReason: string | null;
  /** Returns the entries of a next step, or nothing when it is done. */
  readonly run: () => readonly PaletteEntry[] | undefined;
}

/** Shown at once; more would be scrolled, not read. */
const MAX_SHOWN = 60;
const QUICK = 5;

/** Everything that can be reached from here, as it is at the moment in which the palette opens. */
export function paletteEntries(console: Console, commands: readonly Command[]): readonly PaletteEntry[] {
  const { incidents } = console;
  const agents = [...console.agents.getState().agents.values()];
  const chosen = incidents.inbox.targets().length;
  return [
    ...commands
      .filter(({ id }) => !id.startsWith('palette.') && id !== 'escape')
      .map((command) => commandEntry(console, command, chosen)),
    ...allRows(incidents.desk.state.getState()).map((row): PaletteEntry => {
      const name = incidentName(row.incident, console.agent(row.agentId)?.saved.code ?? '');
      return entry('incident', rowKey(row), `${row.incident.severity} ${name}`, visibleText(row.incident.title), () =>
        incidents.open(rowRef(row)),
      );
    }),
    ...agents.flatMap((agent) => [
      entry('cluster', agent.saved.agentId, `Only ${agent.saved.name}`, agent.saved.code, () =>
        console.patchView({ agentIds: [agent.saved.agentId], isolated: null, page: 0 }),
      ),
      ...[...agent.sources.values()].map((source) =>
        entry(
          'source',
          `${agent.saved.agentId}/${source.source_id}`,
          `${visibleText(source.service)}@${agent.saved.code}`,
          'heartbeat of this source alone',
          () => {
            console.go('heartbeat');
            console.isolate({ agentId: agent.saved.agentId, sourceId: source.source_id });
          },
        ),
      ),
    ]),
    ...[...new Set(agents.flatMap((agent) => [...agent.sources.values()].map(({ service }) => service)))].map(
      (service) =>
        entry('service', `service ${service}`, visibleText(service), 'its incidents', () => {
          incidents.inbox.setFilter({ tab: 'all', severity: null, text: service });
          console.go('incidents');
        }),
    ),
    ...[...new Set(agents.flatMap(({ saved }) => incidents.people(saved.agentId)))].map((name) =>
      entry('person', `person ${name}`, visibleText(name), 'their incidents', () => {
        incidents.inbox.setFilter({ tab: 'all', severity: null, text: name });
        console.go('incidents');
      }),
    ),
  ];
}

function entry(kind: EntryKind, id: string, title: string, detail: string, run: () => void): PaletteEntry {
  return {
    id,
    kind,
    title,
    detail,
    words: `${title} ${detail}`.toLowerCase(),
    keys: undefined,
    disabledReason: null,
    run: () => {
      run();
      return undefined;
    },
  };
}

/** Commands that ask for more are answered here, step by step, without leaving the palette. */
function commandEntry(console: Console, command: Command, chosen: number): PaletteEntry {
  const many = command.scope === 'alert.write' && chosen > 1 ? ` · ${chosen} incidents` : '';
  return {
    id: command.id,
    kind: command.group === 'Go to' && command.id.startsWith('go.') ? 'view' : 'command',
    title: `${command.title.replace(' …', '')}${many}`,
    detail: command.group,
    words: [command.title, ...(command.synonyms ?? [])].join(' ').toLowerCase(),
    keys: command.keys[0],
    disabledReason: awayReason(console, command) ?? command.disabledReason?.() ?? null,
    run: () => {
      const next = command.id === 'incident.silence' ? silenceSteps(console) : undefined;
      if (next === undefined) command.run();
      return next;
    },
  };
}

function awayReason(console: Console, { context }: Command): string | null {
  return context === undefined || context === console.view.getState().view ? null : `in the view ${context}`;
}

/** Silence → how long → how far. */
function silenceSteps(console: Console): readonly PaletteEntry[] {
  const { incidents } = console;
  const refs = incidents.inbox.targets();
  const durations = [
    { title: '15 minutes', until: () => ({ untilMs: console.now() + 15 * 60_000 }) },
    { title: '1 hour', until: () => ({ untilMs: console.now() + 3_600_000 }) },
    { title: '4 hours', until: () => ({ untilMs: console.now() + 4 * 3_600_000 }) },
    { title: 'Until it gets worse', until: () => ({ untilWorse: true }) },
  ];
  return durations.map(({ title, until }) => ({
    ...entry('command', title, title, 'Silence', () => undefined),
    run: () =>
      (['incident', 'source', 'service'] as const).map((scope) =>
        entry('command', scope, `This ${scope}`, `Silence: ${title}`, () =>
          incidents.act({ action: 'silence', scope, reason: '', ...until() }, refs),
        ),
      ),
  }));
}

/** The best answers first; without a question, what was used last and what fits the selection. */
export function findEntries(
  entries: readonly PaletteEntry[],
  typed: string,
  recent: readonly string[],
): readonly PaletteEntry[] {
  const prefix = PREFIXES.find(({ sign }) => typed.startsWith(sign))?.sign;
  const query = (prefix === undefined ? typed : typed.slice(1)).trim().toLowerCase();
  const pool = prefix === undefined ? entries : entries.filter(({ kind }) => belongsTo(kind, prefix));
  if (query === '' && prefix === undefined) {
    const byId = new Map(entries.map((one) => [one.id, one]));
    const last = recent.flatMap((id) => byId.get(id) ?? []).slice(0, QUICK);
    const fitting = entries.filter(({ id, disabledReason }) => id.startsWith('incident.') && disabledReason === null);
    return [...new Set([...last, ...fitting.slice(0, QUICK), ...entries])].slice(0, MAX_SHOWN);
  }
  return pool
    .map((one) => ({ one, score: scoreOf(one, query) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_SHOWN)
    .map(({ one }) => one);
}

/** What can be done now comes before what cannot. */
function scoreOf({ words, disabledReason }: PaletteEntry, query: string): number {
  const score = fuzzyScore(query, words);
  return disabledReason === null ? score : score / 2;
}

function belongsTo(kind: EntryKind, prefix: (typeof PREFIXES)[number]['sign']): boolean {
  switch (prefix) {
    case ':':
      return kind === 'view';
    case '#':
      return kind === 'incident';
    case '@':
      return kind === 'person' || kind === 'service';
    case '~':
      return kind === 'source' || kind === 'cluster';
    case '/':
      return false;
    default:
      return prefix satisfies never;
  }
}
