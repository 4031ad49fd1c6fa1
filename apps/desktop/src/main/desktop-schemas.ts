import { z } from 'zod';
import { CLOSINGS, LOUDNESS, type DesktopSettings, type ExtraWindow } from '../bridge/desktop.ts';
import { LinkTargetSchema } from './deep-link.ts';

const minuteOfDay = z
  .number()
  .int()
  .min(0)
  .max(24 * 60 - 1);
const loudness = z.enum(LOUDNESS);

/** From the page, and from the file of settings. */
export const DesktopSettingsSchema: z.ZodType<DesktopSettings> = z.strictObject({
  notify: z.strictObject({ P1: loudness, P2: loudness, P3: loudness, P4: loudness }),
  quietHours: z.strictObject({
    on: z.boolean(),
    fromMinute: minuteOfDay,
    toMinute: minuteOfDay,
    p1BreaksIn: z.boolean(),
  }),
  pausedUntilMs: z.number().nullable(),
  onClose: z.enum(CLOSINGS),
  startAtLogin: z.boolean(),
});

export const ExtraWindowSchema: z.ZodType<ExtraWindow> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('wallboard') }),
  z.strictObject({ kind: z.literal('pop-out'), link: LinkTargetSchema }),
]);
