import { z } from 'zod';

const WindowPlaceSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  maximised: z.boolean(),
});
/** Where the window was, in device-independent pixels. */
export type WindowPlace = z.infer<typeof WindowPlaceSchema>;

export const SettingsSchema = z.object({ version: z.literal(1), window: WindowPlaceSchema.nullable() });
export type Settings = z.infer<typeof SettingsSchema>;
export const DEFAULT_SETTINGS: Settings = { version: 1, window: null };
