import type { Level, Sensitivity, DrawnSignal } from '@sentinellog/shared';
import { createStore, type StoreApi } from 'zustand/vanilla';
import { LINKED_VIEWS } from '../../bridge/link-target.ts';
import type { Reference } from './explanation.ts';
import type { SeriesRef } from './heartbeat-feed.ts';
import type { Preferences } from './preferences.ts';
import { timeRange, type TimeRangeId } from './time-range.ts';
import type { Span, ViewWindow } from './view-window.ts';

export const VIEWS = LINKED_VIEWS;
export type ViewName = (typeof VIEWS)[number];

export interface AnomalyRef {
  readonly agentId: string;
  readonly eventId: string;
}

export interface TemplateRef {
  readonly agentId: string;
  readonly templateId: string;
}

/** What the live feed is narrowed down to, besides the scope. */
export interface FeedFilter {
  readonly text: string;
  /** Empty stands for every level. */
  readonly levels: readonly Level[];
  readonly template: { readonly templateId: string; readonly name: string } | null;
}

/** What a person looks at and chooses; no number that streams ever comes in here. */
export interface ViewState {
  readonly view: ViewName;
  readonly addingAgent: boolean;
  /** How often a person has gone somewhere: the focus follows them, but not the first screen. */
  readonly navigations: number;
  readonly signal: DrawnSignal;
  readonly rangeId: TimeRangeId;
  readonly window: ViewWindow;
  /** Windows to go back to with `-`; the last is the nearest. */
  readonly zoomStack: readonly ViewWindow[];
  /** A stretch of time that was brushed on the chart. */
  readonly selection: Span | null;
  /** Where a range that the arrow keys extend has begun. */
  readonly brushAnchorMs: number | null;
  /** What the selection is made of is shown. */
  readonly explaining: boolean;
  /** What a person compares the selection with; null leaves the choice to the agent. */
  readonly against: Reference | null;
  /** What the agent compared it with, to be drawn. */
  readonly baselines: readonly Span[];
  /** The same in the agent's words: `the same hour of the last 3 Mondays`. */
  readonly baselineWords: string | null;
  /** A sensitivity that is only tried on the chart. */
  readonly whatIf: Sensitivity | null;
  /** Which live lines are wanted. */
  readonly feedFilter: FeedFilter;
  /** What the timeline is narrowed down to. */
  readonly timelineWords: string;
  /** The template whose page is open. */
  readonly template: TemplateRef | null;
  /** null stands for every agent; ids of agents that have gone are simply not found. */
  readonly agentIds: readonly string[] | null;
  /** Service names; null stands for every service. */
  readonly services: readonly string[] | null;
  readonly isolated: SeriesRef | null;
  readonly anomaly: AnomalyRef | null;
  readonly page: number;
  readonly inspectorOpen: boolean;
  readonly sheetOpen: boolean;
  /** What the palette begins with, `:` say; null while it is closed. */
  readonly palette: string | null;
  /** Why keys were not taken for commands just now. */
  readonly guardNotice: string | null;
  readonly scopeOpen: boolean;
  /** Who one is, and the ways out. */
  readonly menuOpen: boolean;
  readonly tableOpen: boolean;
  /** The Batcave alone, in large type, for a screen on a wall. */
  readonly wallboard: boolean;
  readonly preferences: Preferences;
  readonly lastAction: string | null;
  /** For the live regions of screen readers; the number tells two equal texts apart. */
  readonly announcement: { readonly text: string; readonly number: number };
}

export function createViewStore(preferences: Preferences): StoreApi<ViewState> {
  const range = timeRange(preferences.rangeId);
  return createStore<ViewState>(() => ({
    view: 'heartbeat',
    addingAgent: false,
    navigations: 0,
    signal: 'volume',
    rangeId: range.id,
    window: { type: 'live', seconds: range.seconds },
    zoomStack: [],
    selection: null,
    brushAnchorMs: null,
    explaining: false,
    against: null,
    baselines: [],
    baselineWords: null,
    whatIf: null,
    feedFilter: { text: '', levels: [], template: null },
    timelineWords: '',
    template: null,
    agentIds: null,
    services: null,
    isolated: null,
    anomaly: null,
    page: 0,
    inspectorOpen: true,
    sheetOpen: false,
    palette: null,
    guardNotice: null,
    scopeOpen: false,
    menuOpen: false,
    tableOpen: false,
    wallboard: false,
    preferences,
    lastAction: null,
    announcement: { text: '', number: 0 },
  }));
}
