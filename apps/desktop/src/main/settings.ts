import { z } from 'zod';
import { DEFAULT_DESKTOP_SETTINGS } from '../bridge/desktop.ts';
import { DesktopSettingsSchema } from './desktop-schemas.ts';

const WindowPlaceSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  maximised: z.boolean(),
});
/** Where the window was, in device-independent pixels. */
export type WindowPlace = z.infer<typeof WindowPlaceSchema>;

export const SettingsSchema = z.object({
  version: z.literal(1),
  window: WindowPlaceSchema.nullable(),
  /** Of the wallboard, which hangs on a screen of its own. */
  wallboard: WindowPlaceSchema.nullable().default(null),
  desktop: DesktopSettingsSchema.default(DEFAULT_DESKTOP_SETTINGS),
});
export type Settings = z.infer<typeof SettingsSchema>;
export const DEFAULT_SETTINGS: Settings = {
  version: 1,
  window: null,
  wallboard: null,
  desktop: DEFAULT_DESKTOP_SETTINGS,
};
