import { DRAWN_SIGNALS, LEVELS } from '@sentinellog/shared';
import type { Console } from './console.ts';
import { TIME_RANGES } from './time-range.ts';
import { VIEWS, type ViewState } from './view-store.ts';
import type { Span } from './view-window.ts';

type Linked = Pick<
  ViewState,
  | 'view'
  | 'rangeId'
  | 'signal'
  | 'window'
  | 'selection'
  | 'explaining'
  | 'agentIds'
  | 'services'
  | 'isolated'
  | 'template'
  | 'feedFilter'
  | 'timelineWords'
>;

/** What the screen shows, as the part of an address behind `#`: it only leads there and never does anything. */
export function viewHash(view: Linked): string {
  const words = new URLSearchParams({ range: view.rangeId });
  if (view.signal !== 'volume') words.set('signal', view.signal);
  if (view.window.type === 'fixed' && view.window.by === 'zoom') words.set('window', spanWord(view.window));
  if (view.selection !== null) words.set('sel', spanWord(view.selection));
  if (view.explaining) words.set('explain', '1');
  if (view.agentIds !== null) words.set('agents', view.agentIds.join(','));
  for (const service of view.services ?? []) words.append('service', service);
  if (view.isolated !== null) words.set('alone', `${view.isolated.agentId}/${view.isolated.sourceId}`);
  if (view.template !== null) words.set('template', `${view.template.agentId}/${view.template.templateId}`);
  if (view.view === 'feed' && view.feedFilter.text !== '') words.set('q', view.feedFilter.text);
  if (view.view === 'feed' && view.feedFilter.levels.length > 0) words.set('levels', view.feedFilter.levels.join(','));
  if (view.view === 'timeline' && view.timelineWords !== '') words.set('alert', view.timelineWords);
  return `#/${view.view}?${words.toString()}`;
}

/** A link for somebody else: in a browser the page itself, on the desktop the console's own scheme. */
export function viewLink(view: Linked, platform: 'electron' | 'browser', origin: string): string {
  const hash = viewHash(view);
  return platform === 'browser' ? `${origin}/${hash}` : `sentinellog://view${hash.slice(1)}`;
}

/** Reads a hash; what it does not say, or says in words that are not known, is left out. */
export function readHash(hash: string): Partial<Linked> {
  const [, name = '', query = ''] = /^#\/([\w-]*)\??(.*)$/.exec(hash) ?? [];
  const words = new URLSearchParams(query);
  const view = VIEWS.find((one) => one === name);
  const range = TIME_RANGES.find(({ id }) => id === words.get('range'));
  const signal = DRAWN_SIGNALS.find((one) => one === words.get('signal'));
  const window = readSpan(words.get('window'));
  const selection = readSpan(words.get('sel'));
  const alone = readPair(words.get('alone'));
  const template = readPair(words.get('template'));
  const agentIds = words.get('agents')?.split(',').filter(Boolean);
  const services = words.getAll('service');
  const text = words.get('q')?.slice(0, MAX_WORDS) ?? '';
  const levels = LEVELS.filter((level) => words.get('levels')?.split(',').includes(level) === true);
  const alert = words.get('alert')?.slice(0, MAX_WORDS);
  return {
    ...(view === undefined ? {} : { view }),
    ...(range === undefined ? {} : { rangeId: range.id }),
    ...(signal === undefined ? {} : { signal }),
    ...(window === null ? {} : { window: { type: 'fixed', ...window, sinceMs: window.toMs, by: 'zoom' } as const }),
    ...(selection === null ? {} : { selection, explaining: words.get('explain') === '1' }),
    ...(agentIds === undefined ? {} : { agentIds }),
    ...(services.length === 0 ? {} : { services }),
    ...(alone === null ? {} : { isolated: { agentId: alone[0], sourceId: alone[1] } }),
    ...(text === '' && levels.length === 0 ? {} : { feedFilter: { text, levels, template: null } }),
    ...(alert === undefined ? {} : { timelineWords: alert }),
    ...(template === null ? {} : { template: { agentId: template[0], templateId: template[1] } }),
  };
}

/** As long as the fields themselves take. */
const MAX_WORDS = 200;

/** Makes the screen what an address says, and nothing else. */
export function showHash(console: Console, hash: string): void {
  const { rangeId, signal, ...rest } = readHash(hash);
  if (rangeId !== undefined) console.setRange(rangeId);
  if (signal !== undefined) console.setSignal(signal);
  console.patchView(rest);
}

/** How long after a change the address follows it: a drag is one change. */
const SETTLED_MS = 300;

/** The part of `window` that this needs. */
interface AddressBar {
  readonly location: { readonly hash: string };
  readonly history: { replaceState(data: null, unused: '', url: string): void };
  addEventListener(type: 'hashchange', listener: () => void): void;
}

/** Shows what the address says, and keeps the address true to the screen from then on: a reload changes nothing. */
export function followAddress(
  console: Console,
  bar: AddressBar,
  setTimer: (run: () => void, ms: number) => () => void,
): void {
  let cancel: (() => void) | null = null;
  const show = () => showHash(console, bar.location.hash);
  show();
  bar.addEventListener('hashchange', show);
  console.view.subscribe((view) => {
    cancel?.();
    cancel = setTimer(() => {
      const hash = viewHash(view);
      // The address is written, not gone to: nothing is announced and no step back is made.
      if (hash !== bar.location.hash) bar.history.replaceState(null, '', hash);
    }, SETTLED_MS);
  });
}

function spanWord({ fromMs, toMs }: Span): string {
  return `${Math.round(fromMs)}-${Math.round(toMs)}`;
}

function readSpan(word: string | null): Span | null {
  const [, from, to] = /^(\d{1,15})-(\d{1,15})$/.exec(word ?? '') ?? [];
  const span = { fromMs: Number(from), toMs: Number(to) };
  return span.toMs > span.fromMs ? span : null;
}

function readPair(word: string | null): readonly [string, string] | null {
  const [, first, second] = /^([\w-]{1,64})\/([\w-]{1,64})$/.exec(word ?? '') ?? [];
  return first === undefined || second === undefined ? null : [first, second];
}
