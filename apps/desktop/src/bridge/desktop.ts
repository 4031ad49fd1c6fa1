/** What only the desktop app has: notifications, tray, quiet hours, extra windows. A browser answers `desktop` with null. */
import type { Severity } from '@sentinellog/shared';
import type { LinkTarget } from './link-target.ts';

/** How loud the system says it: `alarm` stays until it is dealt with, `digest` waits for the others of its kind. */
export const LOUDNESS = ['alarm', 'notice', 'digest', 'off'] as const;
export type Loudness = (typeof LOUDNESS)[number];

export interface QuietHours {
  readonly on: boolean;
  /** Minutes after local midnight; from > to runs over midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** P1 is told all the same. */
  readonly p1BreaksIn: boolean;
}

/** What the close button does. `ask` until a person has said it once. */
export const CLOSINGS = ['ask', 'hide', 'quit'] as const;

export interface DesktopSettings {
  readonly notify: Readonly<Record<Severity, Loudness>>;
  readonly quietHours: QuietHours;
  /** Nothing is notified before; null: not paused. */
  readonly pausedUntilMs: number | null;
  readonly onClose: (typeof CLOSINGS)[number];
  readonly startAtLogin: boolean;
}

/** ux §2.13. */
export const DEFAULT_DESKTOP_SETTINGS: DesktopSettings = {
  notify: { P1: 'alarm', P2: 'notice', P3: 'digest', P4: 'off' },
  quietHours: { on: false, fromMinute: 22 * 60, toMinute: 7 * 60, p1BreaksIn: true },
  pausedUntilMs: null,
  onClose: 'ask',
  startAtLogin: false,
};

export interface UpdateState {
  readonly type: 'off' | 'current' | 'checking' | 'loading' | 'ready' | 'failed';
  /** A sentence: which version, or why not. */
  readonly detail: string;
}

export interface DesktopFacts {
  readonly settings: DesktopSettings;
  readonly notificationsSupported: boolean;
  readonly loginItemSupported: boolean;
  /** Why tokens are forgotten when the console closes; null: the key store keeps them. */
  readonly keyStoreProblem: string | null;
  readonly update: UpdateState;
}

/** What became of a notification that a person asked for to see whether they work. */
export interface NotificationTrial {
  readonly shown: boolean;
  readonly detail: string;
}

export type ExtraWindow = { readonly kind: 'wallboard' } | { readonly kind: 'pop-out'; readonly link: LinkTarget };

export type WindowKind = 'main' | 'pop-out' | 'wallboard';
