/** What only the desktop app has: notifications, tray, quiet hours, extra windows. A browser answers `desktop` with null. */
import { z } from 'zod';
import { LinkTargetSchema } from './deep-link.ts';

/** How loud the system says it: `alarm` stays until it is dealt with, `digest` waits for the others of its kind. */
export const LOUDNESS = ['alarm', 'notice', 'digest', 'off'] as const;
export type Loudness = (typeof LOUDNESS)[number];

const minuteOfDay = z
  .number()
  .int()
  .min(0)
  .max(24 * 60 - 1);

export const QuietHoursSchema = z.strictObject({
  on: z.boolean(),
  /** Minutes after local midnight; from > to runs over midnight. */
  fromMinute: minuteOfDay,
  toMinute: minuteOfDay,
  /** P1 is told all the same. */
  p1BreaksIn: z.boolean(),
});
export type QuietHours = z.infer<typeof QuietHoursSchema>;

export const DesktopSettingsSchema = z.strictObject({
  notify: z.strictObject({
    P1: z.enum(LOUDNESS),
    P2: z.enum(LOUDNESS),
    P3: z.enum(LOUDNESS),
    P4: z.enum(LOUDNESS),
  }),
  quietHours: QuietHoursSchema,
  /** Nothing is notified before; null: not paused. */
  pausedUntilMs: z.number().nullable(),
  /** What the close button does. `ask` until a person has said it once. */
  onClose: z.enum(['ask', 'hide', 'quit']),
  startAtLogin: z.boolean(),
});
export type DesktopSettings = z.infer<typeof DesktopSettingsSchema>;

/** ux §2.13. */
export const DEFAULT_DESKTOP_SETTINGS: DesktopSettings = {
  notify: { P1: 'alarm', P2: 'notice', P3: 'digest', P4: 'off' },
  quietHours: { on: false, fromMinute: 22 * 60, toMinute: 7 * 60, p1BreaksIn: true },
  pausedUntilMs: null,
  onClose: 'ask',
  startAtLogin: false,
};

export const UPDATE_STATES = ['off', 'current', 'checking', 'loading', 'ready', 'failed'] as const;
export interface UpdateState {
  readonly type: (typeof UPDATE_STATES)[number];
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

export const ExtraWindowSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wallboard') }),
  z.strictObject({ kind: z.literal('pop-out'), link: LinkTargetSchema }),
]);
export type ExtraWindow = z.infer<typeof ExtraWindowSchema>;

export const WINDOW_KINDS = ['main', 'pop-out', 'wallboard'] as const;
export type WindowKind = (typeof WINDOW_KINDS)[number];
