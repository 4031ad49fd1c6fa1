import { RequestError } from '@sentinellog/shared';
import { anIncident } from '@sentinellog/shared/testing';
import { describe, expect, it } from 'vitest';
import type { DeskChange, StoredIncident } from '../pipeline/desk-change.ts';
import { UnsavedChanges } from './unsaved-changes.ts';

const stored = (incident_id: string, version = 1): StoredIncident => ({
  incident: anIncident({ incident_id, version }),
  memory: {},
});
const ids = ({ incidents }: DeskChange) =>
  incidents.map(({ incident }) => `${incident.incident_id}@${incident.version}`);
const away = () => Promise.reject(new RequestError('storage_unavailable', 'the database is away'));

describe('what is unsaved', () => {
  it('waits in order while the database is away, the newest state of each incident', async () => {
    const saved: string[][] = [];
    let save: (change: DeskChange) => Promise<void> = away;
    const unsaved = new UnsavedChanges(
      (change) => save(change),
      () => undefined,
    );
    unsaved.add({ incidents: [stored('a')], outbox: [{ type: 'cancel', incidentId: 'a', transition: 'resolved' }] });
    await expect(unsaved.flush()).rejects.toThrow('away');
    unsaved.add({ incidents: [stored('a', 2), stored('b')], outbox: [{ type: 'insert', deliveries: [] }] });
    save = async (change) => void saved.push([...ids(change), ...change.outbox.map(({ type }) => type)]);
    await unsaved.flush();
    await unsaved.flush();
    expect(saved).toEqual([['a@2', 'b@1', 'cancel', 'insert']]);
    expect(unsaved.size).toBe(0);
  });

  it('is not held up by one incident that the database will never take', async () => {
    const saved: string[] = [];
    const given: string[] = [];
    const unsaved = new UnsavedChanges(
      async (change) => {
        if (ids(change).includes('bad@1')) throw new RangeError('peak_score is NaN, which JSON cannot hold');
        saved.push(...ids(change));
      },
      (incidentId) => given.push(incidentId),
    );
    unsaved.add({ incidents: [stored('a'), stored('bad'), stored('b')] });
    await unsaved.flush();
    expect(saved).toEqual(['a@1', 'b@1']);
    expect(given).toEqual(['bad']);
    unsaved.add({ incidents: [stored('bad', 1)] });
    await unsaved.flush();
    expect(given).toEqual(['bad', 'bad']);
  });

  it('saves one change after the other, and what is added meanwhile with the next', async () => {
    const order: string[] = [];
    const { promise: isOver, resolve: finish } = Promise.withResolvers<void>();
    const unsaved = new UnsavedChanges(
      async (change) => {
        order.push(`begin ${ids(change).join()}`);
        if (ids(change).includes('a@1')) await isOver;
        order.push(`end ${ids(change).join()}`);
      },
      () => undefined,
    );
    unsaved.add({ incidents: [stored('a')] });
    const first = unsaved.flush();
    await Promise.resolve();
    unsaved.add({ incidents: [stored('a', 2)] });
    const second = unsaved.flush();
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(['begin a@1', 'end a@1', 'begin a@2', 'end a@2']);
  });

  it('gives up the oldest timeline entries beyond fifty thousand, and counts them', () => {
    const unsaved = new UnsavedChanges(away, () => undefined);
    const actor = { kind: 'detector' as const, name: 'x', via: null };
    const rest = { incident_id: 'a', alert_id: null, at_ms: 0, actor, kind: 'note' as const, text: '', links: [] };
    const entries = Array.from({ length: 50_100 }, (_, index) => ({ ...rest, entry_id: String(index) }));
    for (let from = 0; from < entries.length; from += 100) unsaved.add({ entries: entries.slice(from, from + 100) });
    expect(unsaved.droppedEntries).toBe(100);
  });
});
