/** Log levels as they are counted in a frame. `other` is a level that is absent or not understood. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal', 'other'] as const;
export type Level = (typeof LEVELS)[number];
