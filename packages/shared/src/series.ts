/** What is measured of a source. One source × one signal is a series. */
export const SIGNALS = ['volume', 'error_rate'] as const;
export type Signal = (typeof SIGNALS)[number];
