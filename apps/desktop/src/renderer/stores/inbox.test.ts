import type { Incident } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { anIncident } from '../testing/an-incident.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { Inbox } from './inbox.ts';
import { openIncidents } from './inbox-filter.ts';
import type { DeskRow } from './desk-state.ts';

const NOW_MS = 1_767_229_200_000;

function anInbox(...made: readonly Partial<Incident>[]) {
  const clock = new FakeClock(NOW_MS);
  const rows = new Map<string, DeskRow>();
  const put = (overrides: Partial<Incident>) => {
    const incident = anIncident({ services: [`service-${rows.size}`], ...overrides });
    rows.set(incident.incident_id, { agentId: 'eu', incident, pending: null });
  };
  for (const [i, overrides] of made.entries()) put({ incident_id: `i${i}`, ...overrides });
  const inbox = new Inbox({
    desk: () => ({ agents: new Map([['eu', rows]]) }),
    scope: () => ({ agentIds: null, services: null, me: () => 'mia' }),
    now: clock.now,
  });
  inbox.settle();
  const order = () => inbox.state.getState().order.map((key) => key.replace('eu/', ''));
  const change = (id: string, overrides: Partial<Incident>) => {
    const row = rows.get(id)!;
    rows.set(id, { ...row, incident: { ...row.incident, ...overrides } });
    inbox.sync();
  };
  return { inbox, clock, rows, put, order, change };
}

describe('the inbox', () => {
  it('lists the worst first, then the newest', () => {
    const { order } = anInbox(
      { severity: 'P3' },
      { severity: 'P1', started_at_ms: NOW_MS - 900_000 },
      { severity: 'P1', started_at_ms: NOW_MS - 60_000 },
    );
    expect(order()).toEqual(['i2', 'i1', 'i0']);
  });

  it('puts what belongs to one story behind its worst', () => {
    const { order } = anInbox(
      { severity: 'P1', services: ['payment', 'order'], started_at_ms: NOW_MS - 100_000 },
      { severity: 'P2', services: ['search'], started_at_ms: NOW_MS - 20_000 },
      { severity: 'P3', services: ['order'], started_at_ms: NOW_MS - 60_000 },
    );
    expect(order()).toEqual(['i0', 'i2', 'i1']);
  });

  it('counts what is new instead of moving what a person stands on', () => {
    const { inbox, put, order } = anInbox({ severity: 'P3' });
    inbox.attend(true);
    inbox.focus('eu/i0');
    put({ incident_id: 'i9', severity: 'P1' });
    inbox.sync();
    expect(order()).toEqual(['i0']);
    expect(inbox.state.getState()).toMatchObject({ fresh: 1, focused: 'eu/i0' });
    inbox.settle();
    expect(order()).toEqual(['i9', 'i0']);
    expect(inbox.state.getState().focused).toBe('eu/i0');
  });

  it('takes new ones in by itself when nobody has touched it for three seconds', () => {
    const { inbox, put, order, clock } = anInbox({ severity: 'P3' });
    inbox.attend(false);
    put({ incident_id: 'i9', severity: 'P1' });
    inbox.sync();
    expect(order()).toEqual(['i0']);
    clock.advance(3000);
    inbox.sync();
    expect(order()).toEqual(['i9', 'i0']);
  });

  it('keeps the place of what left by itself, and lets go what a person has acted on', () => {
    const { inbox, change, order } = anInbox({}, {}, {});
    inbox.attend(true);
    inbox.focus('eu/i1');
    change(order()[0]!, { state: 'RESOLVED', resolution: 'recovered' });
    expect(order()).toHaveLength(3);
    change('i1', { state: 'ACK' });
    inbox.acted(['eu/i1']);
    expect(order()).not.toContain('i1');
  });

  it('goes on to the next row after an action, to the one before at the end, and nowhere when it was the last', () => {
    const { inbox, change, order } = anInbox({}, {}, {});
    const [first, second, third] = order();
    const ack = (id: string) => {
      change(id, { state: 'ACK' });
      inbox.acted([`eu/${id}`]);
      return inbox.state.getState().focused;
    };
    inbox.focus(`eu/${second}`);
    expect(ack(second!)).toBe(`eu/${third}`);
    expect(ack(third!)).toBe(`eu/${first}`);
    expect(ack(first!)).toBeNull();
  });

  it('puts back what an undo brings back, at its place', () => {
    const { inbox, change, order } = anInbox({ severity: 'P1' }, { severity: 'P2' }, { severity: 'P3' });
    inbox.attend(true);
    change('i1', { state: 'ACK' });
    inbox.acted(['eu/i1']);
    expect(order()).toEqual(['i0', 'i2']);
    change('i1', { state: 'OPEN' });
    expect(order()).toEqual(['i0', 'i1', 'i2']);
  });

  it('selects a range with v and moves', () => {
    const { inbox, order } = anInbox({}, {}, {}, {});
    inbox.focus(`eu/${order()[1]}`);
    inbox.toggleSticky();
    inbox.move(2);
    expect([...inbox.state.getState().selected]).toEqual(
      order()
        .slice(1, 4)
        .map((id) => `eu/${id}`),
    );
    expect(inbox.targets()).toHaveLength(3);
    inbox.clearSelection();
    expect(inbox.targets()).toHaveLength(1);
  });

  it('finds the next that waits for review, whatever is filtered', () => {
    const { inbox } = anInbox({ severity: 'P2' }, { severity: 'P1' }, { severity: 'P1', state: 'ACK' });
    inbox.setFilter({ tab: 'resolved' });
    expect(inbox.nextOpen(1)?.incident.incident_id).toBe('i1');
    inbox.focus('eu/i1');
    expect(inbox.nextOpen(1)?.incident.incident_id).toBe('i0');
  });

  it('shows in each tab what belongs there', () => {
    const { inbox, order } = anInbox(
      {},
      { state: 'ACK', assigned_to: 'mia' },
      { silence_id: 's1' },
      { state: 'RESOLVED', silence_id: 's2' },
    );
    const shown = Object.fromEntries(
      (['review', 'mine', 'acked', 'silenced', 'resolved'] as const).map((tab) => {
        inbox.setFilter({ tab });
        return [tab, order()];
      }),
    );
    expect(shown).toEqual({ review: ['i0'], mine: ['i1'], acked: ['i1'], silenced: ['i2'], resolved: ['i3'] });
  });

  it('does not say zero of what no agent has told', () => {
    expect(openIncidents({ agents: new Map() }, { agentIds: null, services: null })).toBeNull();
    expect(openIncidents({ agents: new Map([['eu', new Map()]]) }, { agentIds: null, services: null })).toEqual({
      P1: 0,
      P2: 0,
      P3: 0,
      P4: 0,
    });
  });
});
