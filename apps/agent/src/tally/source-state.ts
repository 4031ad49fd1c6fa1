import type { FrameColumn } from '@sentinellog/shared';
import { sourceHash } from '../pipeline/record-contents.ts';
import type { OpenDetails } from './open-details.ts';
import type { SourceTemplates } from './source-templates.ts';

export type FrameCounts = Readonly<Record<FrameColumn, number>>;

/** A source as the tally sees it; other stages hold on to the object and read it. */
export interface TallySource {
  /** Place in `Tally.sources`; stable while the process lives. */
  readonly index: number;
  readonly sourceId: string;
  readonly tenant: string;
  readonly service: string;
  /** Earliest and latest event time, in milliseconds. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  /** It has spoken in the present: clock time passes for it, and its silence means something. */
  readonly live: boolean;
  /** Unix second; all seconds before it are closed. */
  readonly closedThrough: number;
}

/** A source has no closed second before its first event. */
export const NOTHING_CLOSED = -1;

/** The tally's own, changing side of a source. */
export class SourceState implements TallySource {
  readonly index: number;
  readonly sourceId: string;
  readonly tenant: string;
  readonly service: string;
  /** Stands for it in the journal. */
  readonly hash: number;
  firstSeenMs = Number.POSITIVE_INFINITY;
  lastSeenMs = 0;
  live = false;
  /** It has become live with the record that is being applied. */
  justLive = false;
  closedThrough = NOTHING_CLOSED;
  /** Latest second of event time that has been seen, never ahead of the clock that received it. */
  watermark = 0;
  /** Counters of the seconds that are not closed, by second. Bounded: they reach ten minutes ahead at most. */
  readonly open = new Map<number, Float64Array>();
  readonly templates: SourceTemplates;
  /** Of the seconds that are not closed; kept only where somebody listens. */
  readonly details = new Map<number, OpenDetails>();
  /** Whether `allowedLagSeconds` is what a backlog at the start made one expect, and not yet what was seen. */
  isLagGuessed = false;
  /** See lag-allowance.ts. */
  allowedLagSeconds = 0;
  slowestSeconds = 0;
  lagPeriodStart = 0;
  /** Changed since the last checkpoint. */
  changed = false;
  /** See `Tally.eachMoved`. */
  hasMoved = false;
  /** Of the record that is being applied. */
  recordEvents = 0;
  recordLate = 0;
  recordOldest = 0;

  constructor(index: number, templates: SourceTemplates, tenant: string) {
    this.index = index;
    this.templates = templates;
    this.sourceId = templates.sourceId;
    this.tenant = tenant;
    this.service = templates.service;
    this.hash = sourceHash(tenant, templates.service);
  }
}
