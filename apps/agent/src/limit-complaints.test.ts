import { describe, expect, it } from 'vitest';
import { LimitComplaints } from './limit-complaints.ts';

describe('complaints about limits', () => {
  it('are made while a limit bites and for a minute after, and not for what was before the start', () => {
    let nowMs = 0;
    let overflow = 500;
    const complaints = new LimitComplaints([{ words: 'sources: too many', count: () => overflow }], () => nowMs);
    expect(complaints.current()).toEqual([]);
    overflow++;
    nowMs = 1000;
    expect(complaints.current()).toEqual(['sources: too many']);
    nowMs = 60_999;
    expect(complaints.current()).toEqual(['sources: too many']);
    nowMs = 61_000;
    expect(complaints.current()).toEqual([]);
  });
});
