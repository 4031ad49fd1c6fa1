import { type Incident, type IncidentAction, RequestError } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeskWorld, MIA, OTTO } from './testing/desk-world.ts';
import type { Target } from './desk.ts';

const RUNS = Number(process.env['SENTINELLOG_UNDO_RUNS'] ?? 1000);

/** What people see, without what only counts changes. */
function sight({ version: _v, updated_at_ms: _u, ...incident }: Incident) {
  return {
    ...incident,
    alerts: incident.alerts.map(({ version: _version, updated_at_ms: _updated, ...alert }) => alert),
  };
}

/** What the console's undo sends for each action; null: it offers none. */
function undoOf(action: IncidentAction, before: Incident, alertId: string | null): IncidentAction | null {
  switch (action.action) {
    case 'ack':
      return { action: 'unack' };
    case 'resolve':
      return { action: 'reopen' };
    case 'silence':
      return { action: 'unsilence' };
    case 'assign': {
      const alert = before.alerts.find(({ alert_id }) => alert_id === alertId);
      return { action: 'assign', to: (alert ?? before).assigned_to };
    }
    case 'severity':
      return {
        action: 'severity',
        severity: before.severity_override?.severity ?? null,
        reason: before.severity_override?.reason ?? '',
      };
    case 'unack':
    case 'reopen':
    case 'notes':
    case 'unsilence':
    case 'merge':
      return null;
  }
  return null;
}

const action: fc.Arbitrary<IncidentAction> = fc.oneof(
  fc.record({ action: fc.constant('ack' as const), holdMs: fc.constantFrom(0, 4000, 20_000) }),
  fc.record({
    action: fc.constant('resolve' as const),
    force: fc.constant(true),
    holdMs: fc.constantFrom(0, 8000, 30_000),
    resolution: fc.constantFrom('fixed' as const, 'noise' as const),
  }),
  fc.record({ action: fc.constant('assign' as const), to: fc.constantFrom('Mia', 'Otto', null) }),
  fc.record({
    action: fc.constant('severity' as const),
    severity: fc.constantFrom('P1' as const, 'P3' as const, null),
    reason: fc.constantFrom('', 'customers call'),
  }),
  fc.constant({
    action: 'silence' as const,
    scope: 'incident' as const,
    reason: '',
    untilMs: 1_767_229_200_000 + 3_600_000,
  }),
  fc.constant({ action: 'unack' as const }),
  fc.constant({ action: 'reopen' as const }),
  fc.constant({ action: 'notes' as const, text: 'looking at the pool' }),
);

const step = fc.record({
  action,
  actor: fc.constantFrom(MIA, OTTO),
  /** On the incident, or on one of its alerts. */
  on: fc.constantFrom('incident' as const, 0 as const, 1 as const),
  waitMs: fc.constantFrom(0, 500, 3000, 9000),
});

interface Done {
  readonly undo: IncidentAction;
  readonly target: Target;
  readonly before: ReturnType<typeof sight>;
  readonly actor: typeof MIA;
}

describe('undo, over random sequences of what people do', () => {
  it('brings back exactly what was before, step by step, and nothing leaves the building inside a hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.constantFrom(0, 1500, 6000), async (steps, pauseMs) => {
        const world = new DeskWorld();
        await world.fire();
        await world.fire({ signal: 'error_rate' });
        const { incident_id, alerts } = world.incident;
        let done: Done[] = [];
        for (const { action: asked, actor, on, waitMs } of steps) {
          await world.pass(waitMs);
          const alertId = on === 'incident' ? null : alerts[on].alert_id;
          const target: Target = alertId === null ? { incidentId: incident_id } : { alertId };
          const before = world.incident;
          try {
            await world.desk.act(target, { action: asked, actor });
          } catch (error) {
            // Refused: nothing has changed, and so there is nothing to undo.
            if (!(error instanceof RequestError)) throw error;
            expect(world.incident).toEqual(before);
            continue;
          }
          const now = world.incident;
          if (now.version === before.version) continue;
          expect(now.version).toBe(before.version + 1);
          expect(now.state === 'RESOLVED').toBe(now.alerts.every(({ state }) => state === 'RESOLVED'));
          const undo = undoOf(asked, before, alertId);
          // What cannot be undone ends the list of what can be.
          if (undo === null) done = [];
          else done.push({ undo, target, before: sight(before), actor });
        }
        for (const { undo, target, before, actor } of done.toReversed()) {
          await world.pass(pauseMs);
          const { held } = world.incident;
          const isHeld = held !== null && held.until_ms > world.nowMs;
          const sentBefore = world.store.outbox.sent.length;
          await world.desk.act(target, { action: undo, actor });
          const expected = { ...before, held: stillHeld(before.held, world.nowMs) };
          expect(sight(world.incident)).toEqual(expected);
          const relayed = held?.transition === 'resolved' ? 'reopen' : 'unack';
          if (!isHeld || undo.action !== relayed) continue;
          // Undone inside the hold: what was held is gone, and nothing is said to make up for it.
          expect(world.store.outbox.waiting.filter(({ transition }) => transition === held.transition)).toEqual([]);
          expect(world.store.outbox.sent.slice(sentBefore)).toEqual([]);
          const madeUp = world.store.outbox.waiting.filter(
            ({ transition }) => transition === 'reopened' || transition === 'unacknowledged',
          );
          expect(madeUp.filter(({ turn }) => turn === world.incident.version)).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});

function stillHeld(held: Incident['held'], nowMs: number): Incident['held'] {
  return held !== null && nowMs < held.until_ms ? held : null;
}
