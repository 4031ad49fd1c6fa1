import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textHead } from '../pipeline/text-reading.ts';
import { EventBoundaries } from './event-boundary.ts';

const boundary = (text: string, parser = 'auto', join = 'stack') =>
  new EventBoundaries({ parser, join }).of(Buffer.from(text));

describe('where a growing text can be cut', () => {
  it('is behind the last event that nothing can be added to', () => {
    expect(boundary('a\n\tat b\nc\n\tat d\nhalf a li')).toEqual({ certain: 8, line: 16 });
    expect(boundary('a\n')).toEqual({ certain: 0, line: 2 });
    expect(boundary('half')).toEqual({ certain: 0, line: 0 });
    expect(boundary('a\nb\n', 'auto', 'none')).toEqual({ certain: 2, line: 4 });
  });

  it('is never inside of a line that the runtime cut into parts, nor of a journald entry', () => {
    const at = '2026-03-05T11:58:15Z stdout';
    const parts = `${at} F a\n${at} P b\n${at} P c\n`;
    expect(boundary(parts, 'cri')).toEqual({ certain: `${at} F a\n`.length, line: parts.length });
    expect(boundary('MESSAGE=a\nPRIORITY=3\n\nMESSAGE=b\n', 'journald')).toEqual({ certain: 22, line: 22 });
  });

  it('is behind a line feed and grows with the text', () => {
    const lines = fc.array(
      fc.constantFrom('a', ' b', '\tat c', '', 'Traceback (most recent call last):', 'Caused by: d'),
    );
    fc.assert(
      fc.property(lines, (parts) => {
        const text = parts.map((part) => `${part}\n`).join('');
        const { certain, line } = boundary(text);
        expect(line).toBe(text.length);
        expect(certain === 0 || text[certain - 1] === '\n').toBe(true);
        expect(boundary(`${text}next\n`).certain).toBeGreaterThanOrEqual(certain);
      }),
    );
  });
});

describe('the head of a text', () => {
  it('is one line, whatever the reading holds', () => {
    const head = textHead({ parser: 'x', layout: 'lines', zone: 'UTC', join: '^\n', patterns: { x: 'a\nb' } }, 1.5);
    expect(head.indexOf('\n')).toBe(head.length - 1);
  });
});
