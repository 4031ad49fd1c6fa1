import { describe, expect, it } from 'vitest';
import { TemplateMatcher } from './template-matcher.ts';

const matcher = new TemplateMatcher([
  { id: 'failed', text: 'Failed password for <*> from <*> port <*> ssh2' },
  { id: 'failed-root', text: 'Failed password for root from <*> port <*> ssh2' },
  { id: 'took', text: 'GET <*> took <*> ms' },
  { id: 'took-at-end', text: 'cache refreshed in <*>' },
  { id: 'trace', text: 'could not store <*>\njava.sql.SQLException: deadlock detected' },
]);

describe('the template of a line', () => {
  it('is found with what stood in its varying parts', () => {
    expect(matcher.match('GET /api/items/7 took 23 ms')).toEqual({
      templateId: 'took',
      values: ['/api/items/7', '23'],
    });
    expect(matcher.match('cache refreshed in 4 s')).toEqual({ templateId: 'took-at-end', values: ['4 s'] });
  });

  it('is the one that says most of it', () => {
    expect(matcher.match('Failed password for root from 10.0.0.1 port 22 ssh2')?.templateId).toBe('failed-root');
    expect(matcher.match('Failed password for mia from 10.0.0.1 port 22 ssh2')).toEqual({
      templateId: 'failed',
      values: ['mia', '10.0.0.1', '22'],
    });
  });

  it('is found behind the header of a line, across lines, and whatever space is between words', () => {
    expect(
      matcher.match('Mar  2 14:00:01 host sshd[7]: Failed password for mia from ::1 port 22 ssh2')?.templateId,
    ).toBe('failed');
    expect(matcher.match('GET /x took 7 ms\n\tat shop.Store.insert(Store.java:7)')?.templateId).toBe('took');
    expect(matcher.match('could not store ord-7\n\tjava.sql.SQLException:  deadlock detected')?.templateId).toBe(
      'trace',
    );
  });

  it('is none of those whose end or middle differs', () => {
    const few = new TemplateMatcher([{ id: 'took', text: 'GET <*> took <*> ms' }]);
    expect(few.match('GET /x took 3 s')).toBeNull();
    expect(few.match('GET /x')).toBeNull();
    expect(few.match('')).toBeNull();
  });

  it('takes time in proportion to the line, also where a fixed part comes again and again', () => {
    const many = new TemplateMatcher([{ id: 'x', text: 'a <*> a <*> a <*> a <*> b' }]);
    expect(many.match('a '.repeat(50_000))).toBeNull();
  });
});
