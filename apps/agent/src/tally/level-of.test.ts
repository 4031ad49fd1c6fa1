import { FRAME_COLUMNS } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { levelColumn } from './level-of.ts';

const level = (text: string) => FRAME_COLUMNS[levelColumn(Buffer.from(text), 0, text.length)];

describe('levelColumn', () => {
  it.each([
    ['debug', ['DEBUG', 'debug', 'TRACE', 'trc', 'Verbose', 'DBG', '10', '20', '7']],
    ['info', ['INFO', 'Information', 'informational', 'NOTICE', 'inf', '30', '6', '5']],
    ['warn', ['WARN', 'Warning', 'wrn', '40', '4']],
    ['error', ['ERR', 'Error', 'ERROR', 'SEVERE', '50', '3']],
    ['fatal', ['FATAL', 'critical', 'CRIT', 'PANIC', 'EMERG', 'emergency', 'ALERT', '60', '0', '2']],
    ['other', ['', 'x', 'ok', 'audit', '70', '9', '100', '3x', 'ünfo']],
  ] as const)('counts as %s: %j', (expected, words) => {
    expect(words.map(level)).toEqual(words.map(() => expected));
  });
});
