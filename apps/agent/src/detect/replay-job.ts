/** What the replay thread is asked for and answers: plain data, as it crosses between threads. */
import type { Ruling, Span, Told } from '@sentinellog/detector';
import type { Sensitivity } from '@sentinellog/shared';

export interface ReplaySettings {
  readonly sensitivity: Sensitivity;
  readonly sigma: number | null;
  readonly timeZone: string;
  readonly rulings: readonly Ruling[];
}

interface Stored extends Span {
  /** Encoded minutes, ascending by start. */
  readonly starts: readonly number[];
  readonly bodies: readonly Uint8Array[];
  readonly blind: readonly Span[];
}

export type ReplayJob =
  | {
      readonly type: 'ladder';
      readonly stored: Stored;
      /** Unix second; what is before is warm-up. */
      readonly from: number;
      readonly settings: ReplaySettings;
      readonly state: Uint8Array | null;
      readonly sigmas: readonly number[];
    }
  | { readonly type: 'relearn'; readonly stored: Stored; readonly settings: ReplaySettings };

export type ReplayResult =
  | { readonly type: 'ladder'; readonly seconds: number; readonly told: readonly (readonly Told[])[] }
  | { readonly type: 'relearn'; readonly seconds: number; readonly state: Uint8Array };
