import { describe, expect, it } from 'vitest';
import { AccessAudit, type SignedIn } from './access-audit.ts';

const START = 1_767_229_200_000;
const MIA: SignedIn = { tokenId: 't1', name: 'Mia', role: 'operator', address: '192.0.2.7', via: 'browser' };

function rig() {
  const entries: { action: string; actor: string; object: string; detail: Record<string, unknown> }[] = [];
  const state = { nowMs: START, isAway: false };
  const audit = new AccessAudit({
    now: () => state.nowMs,
    append: async ({ action, actor, object, detail }) => {
      if (state.isAway) throw new Error('the database is away');
      entries.push({ action, actor, object, detail });
    },
  });
  const pass = async (ms: number) => {
    state.nowMs += ms;
    await audit.flush();
  };
  return { audit, entries, state, pass };
}

describe('the audit of who came in', () => {
  it('holds one entry for an address and minute, however many were turned away', async () => {
    const { audit, entries, pass } = rig();
    for (let index = 0; index < 50_000; index++) audit.denied({ reason: 'unknown', address: '203.0.113.7' });
    audit.denied({ reason: 'scope', address: '203.0.113.7', caller: { name: 'Vic', tokenId: 't9' } });
    await pass(30_000);
    expect(entries).toEqual([]);
    await pass(30_000);
    expect(entries).toEqual([
      {
        action: 'access.denied',
        actor: 'Vic (t9)',
        object: '203.0.113.7',
        detail: { since_ms: START, count: 50_001, reasons: { unknown: 50_000, scope: 1 } },
      },
    ]);
    await pass(600_000);
    expect(entries).toHaveLength(1);
  });

  it('holds a hundred entries and one a minute, however many addresses there are', async () => {
    const { audit, entries, pass } = rig();
    for (let index = 0; index < 5000; index++) audit.denied({ reason: 'unknown', address: `2001:db8::${index}` });
    await pass(60_000);
    expect(entries).toHaveLength(101);
    expect(entries.at(-1)).toMatchObject({ object: 'other addresses', detail: { count: 4900 } });
  });

  it('does not hold that somebody opened the sign-in page, unless it goes on', async () => {
    const { audit, entries, pass } = rig();
    audit.denied({ reason: 'missing', address: '192.0.2.7' });
    await pass(60_000);
    expect(entries).toEqual([]);
    for (let index = 0; index < 21; index++) audit.denied({ reason: 'missing', address: '192.0.2.7' });
    await pass(60_000);
    expect(entries).toMatchObject([{ detail: { reasons: { missing: 21 } } }]);
  });

  it('holds a sign-in at once, and with the next one how often there was another', async () => {
    const { audit, entries, pass } = rig();
    audit.signedIn(MIA);
    await pass(0);
    for (let index = 0; index < 30; index++) audit.signedIn(MIA);
    await pass(60_000);
    expect(entries).toEqual([
      {
        action: 'access.signed_in',
        actor: 'Mia (t1)',
        object: 't1',
        detail: { role: 'operator', address: '192.0.2.7', via: 'browser', count: 1 },
      },
    ]);
    await pass(600_000);
    expect(entries[1]?.detail).toMatchObject({ count: 30 });
  });

  it('loses nothing while the database is away', async () => {
    const { audit, entries, state, pass } = rig();
    audit.signedIn(MIA);
    audit.denied({ reason: 'revoked', address: '192.0.2.8' });
    state.isAway = true;
    await expect(pass(60_000)).rejects.toThrow('away');
    await expect(pass(1000)).rejects.toThrow('away');
    state.isAway = false;
    await pass(1000);
    expect(entries.map(({ action }) => action).toSorted()).toEqual(['access.denied', 'access.signed_in']);
  });
});
