import type { Template } from './template.ts';

const REPORTS = ['sales-daily', 'tax', 'stock-value', 'returns', 'marketing-funnel'] as const;

export const BATCH_REPORTS: readonly Template[] = [
  {
    level: 'INFO',
    weight: 24,
    text: (v) => `report ${v.pick(REPORTS)}: ${v.int(1000, 90_000)} rows read in ${v.durationMs} ms`,
  },
  { level: 'INFO', weight: 16, text: (v) => `partition ${v.int(1, 31)} of ${v.pick(REPORTS)} aggregated` },
  {
    level: 'INFO',
    weight: 8,
    text: (v) => `report ${v.pick(REPORTS)} written: s3://reports/${v.hex(8)}.parquet, ${v.int(1, 80)} MB`,
  },
  { level: 'DEBUG', weight: 10, text: (v) => `heap after collection: ${v.int(200, 900)} MB` },
  { level: 'INFO', weight: 5, text: (v) => `worker ${v.int(1, 6)} idle, ${v.int(0, 12)} jobs left` },
  { level: 'INFO', weight: 5, text: (v) => `scheduler tick: next run of ${v.pick(REPORTS)} in ${v.int(1, 23)} h` },
  { level: 'INFO', weight: 3, text: (v) => `checkpoint ${v.int(1, 400)} of job ${v.hex(6)} saved` },
  { level: 'INFO', weight: 2, text: (v) => `mailing ${v.pick(REPORTS)} to ${v.int(1, 9)} recipients` },
  { level: 'WARN', weight: 2, text: (v) => `spilling to disk: ${v.int(1, 9)} GB for ${v.pick(REPORTS)}` },
  { level: 'WARN', weight: 1, text: (v) => `row ${v.int(1, 90_000)} skipped: currency missing` },
  {
    level: 'ERROR',
    weight: 2,
    errorCode: 'REPORT_FAILED',
    text: (v) => `report ${v.pick(REPORTS)} failed at step ${v.int(2, 9)}, will retry`,
  },
  { level: 'ERROR', weight: 1, errorCode: 'S3_SLOW_DOWN', text: (v) => `S3 answered SlowDown for ${v.hex(8)}.parquet` },
];
