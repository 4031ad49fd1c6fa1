/** The ranges of the picker, `t` then 1 … 6. Steps keep a series at ≤ 2,016 points (ux §3.1). */
export const TIME_RANGES = [
  { id: '5m', label: '5 m', words: 'last 5 minutes', seconds: 300, stepSeconds: 1 },
  { id: '15m', label: '15 m', words: 'last 15 minutes', seconds: 900, stepSeconds: 1 },
  { id: '1h', label: '1 h', words: 'last hour', seconds: 3600, stepSeconds: 2 },
  { id: '6h', label: '6 h', words: 'last 6 hours', seconds: 21_600, stepSeconds: 15 },
  { id: '24h', label: '24 h', words: 'last 24 hours', seconds: 86_400, stepSeconds: 60 },
  { id: '7d', label: '7 d', words: 'last 7 days', seconds: 604_800, stepSeconds: 300 },
] as const satisfies readonly {
  id: string;
  label: string;
  words: string;
  seconds: number;
  stepSeconds: number;
}[];
export type TimeRange = (typeof TIME_RANGES)[number];
export type TimeRangeId = TimeRange['id'];

export function timeRange(id: TimeRangeId): TimeRange {
  return TIME_RANGES.find((range) => range.id === id) ?? TIME_RANGES[1];
}
