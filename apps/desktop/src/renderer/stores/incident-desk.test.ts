import type { Incident, IncidentAction } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../bridge/calls.ts';
import { anIncident } from '../testing/an-incident.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { FakeIncidentServer } from '../testing/fake-incident-server.ts';
import { differs } from './incident-effect.ts';
import { IncidentDesk } from './incident-desk.ts';
import type { IncidentRef } from './incident-ref.ts';
import { Toasts } from './toasts.ts';

const START_MS = 1_767_229_200_000;
/** Long enough for every promise that waits for no timer. */
const settle = async () => {
  for (let i = 0; i < 60; i++) await Promise.resolve();
};
const UNREACHABLE: Answer<never> = {
  ok: false,
  error: { code: 'unreachable', detail: 'connect ECONNREFUSED', retryable: true },
};
const ref = (n: number): IncidentRef => ({ agentId: 'agent-eu', incidentId: `incident-${n}` });

function aDesk(count = 3) {
  const clock = new FakeClock(START_MS);
  const agent = new FakeIncidentServer(clock.now);
  const asked: string[] = [];
  const net = { open: true, failures: 0, loseAnswers: 0 };
  let keys = 0;
  const through = async <T>(answer: () => Answer<T>): Promise<Answer<T>> => {
    if (net.failures > 0) {
      net.failures--;
      return UNREACHABLE;
    }
    const given = answer();
    if (net.loseAnswers > 0) {
      net.loseAnswers--;
      return UNREACHABLE;
    }
    return given;
  };
  const toasts = new Toasts(clock.now, clock.setTimer);
  const stillFiring: IncidentRef[] = [];
  const desk = new IncidentDesk({
    server: {
      actOnIncident: (call) => {
        asked.push(`${call.action.action} ${call.incidentId} @${call.version}`);
        return through(() => agent.act(call));
      },
      actOnIncidents: (call) => {
        asked.push(`batch ${call.action.action} ${call.items.length}`);
        return through(() => ({ ok: true, value: agent.batch(call) }));
      },
    },
    now: clock.now,
    setTimer: clock.setTimer,
    newKey: () => `key-${++keys}-0000000`,
    isOpen: () => net.open,
    codeOf: () => 'EU',
    me: () => 'mia',
    toasts,
    say: () => undefined,
    onStillFiring: (one) => stillFiring.push(one),
  });
  agent.put(
    ...Array.from({ length: count }, (_, i) =>
      anIncident({ incident_id: `incident-${i}`, key: `INC-${i}`, firing: false, version: 1 }),
    ),
  );
  agent.onChange = (incident) => desk.take('agent-eu', [incident]);
  desk.takeSnapshot('agent-eu', [...agent.incidents.values()]);
  const later = async (ms: number) => {
    await settle();
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(500, left));
      await settle();
    }
  };
  const shown = (n: number) => desk.row(ref(n))!;
  const lastToast = () => toasts.state.getState().shown.at(-1)!;
  return { clock, agent, desk, net, asked, later, shown, lastToast, stillFiring };
}

describe('the desk', () => {
  it('shows an acknowledgement at once, marked as pending, and confirms it in silence', async () => {
    const { desk, shown, lastToast } = aDesk();
    expect(desk.act([ref(0)], { action: 'ack' })).toBe(1);
    expect(shown(0)).toMatchObject({ incident: { state: 'ACK', assigned_to: 'mia' }, pending: { waiting: false } });
    await settle();
    expect(shown(0)).toMatchObject({ incident: { state: 'ACK', version: 2 }, pending: null });
    expect(lastToast().text).toBe('Acknowledged INC-0 payment-service@EU');
  });

  it('does nothing to what is already so', () => {
    const { desk, agent, asked } = aDesk();
    agent.actAs('lena', 'incident-0', { action: 'ack' });
    expect(desk.act([ref(0)], { action: 'ack' })).toBe(0);
    expect(asked).toEqual([]);
  });

  it('follows an incident that has changed in what the action is not about', async () => {
    const { desk, agent, asked, shown } = aDesk();
    agent.onChange = () => undefined;
    agent.change('incident-0', { title: 'one more service has joined' });
    desk.act([ref(0)], { action: 'ack' });
    await settle();
    expect(asked).toEqual(['ack incident-0 @1', 'ack incident-0 @2']);
    expect(shown(0).incident).toMatchObject({ state: 'ACK', title: 'one more service has joined' });
  });

  it('never un-resolves what was resolved in the meantime, and says who did it', async () => {
    const { desk, agent, shown, lastToast } = aDesk();
    agent.onChange = () => undefined;
    agent.change('incident-0', { state: 'RESOLVED', resolution: 'recovered' });
    desk.act([ref(0)], { action: 'ack' });
    await settle();
    expect(shown(0)).toMatchObject({ incident: { state: 'RESOLVED' }, pending: null });
    expect(lastToast()).toMatchObject({ tone: 'bad', forMs: null });
    expect(lastToast().text).toContain('it has recovered and is resolved; left as it is');
    expect(desk.state.getState().undoable).toBeNull();
  });

  it('asks before it resolves what still fires', async () => {
    const { desk, agent, stillFiring, shown } = aDesk();
    agent.change('incident-0', { firing: true });
    desk.act([ref(0)], { action: 'resolve' });
    await settle();
    expect(stillFiring).toEqual([ref(0)]);
    expect(shown(0).incident.state).toBe('OPEN');
  });

  it('tries again after 0.5, 2 and 8 s, then gives the action back with the reason', async () => {
    const { desk, net, asked, later, shown, lastToast } = aDesk();
    net.failures = 4;
    desk.act([ref(0)], { action: 'ack' });
    await later(500);
    expect(asked).toHaveLength(2);
    await later(2000);
    expect(asked).toHaveLength(3);
    expect(shown(0).pending).not.toBeNull();
    await later(8000);
    expect(asked).toHaveLength(4);
    expect(shown(0)).toMatchObject({ incident: { state: 'OPEN' }, pending: null });
    expect(lastToast().text).toBe('Could not acknowledge INC-0 payment-service@EU: connect ECONNREFUSED');
  });

  it('counts a retry once when only the answer was lost', async () => {
    const { desk, net, agent, later, shown } = aDesk();
    net.loseAnswers = 1;
    desk.act([ref(0)], { action: 'notes', text: 'pool is at 50/50' });
    await later(600);
    expect(agent.timeline).toHaveLength(1);
    expect(shown(0).pending).toBeNull();
  });

  it('keeps an action while the agent is away and sends it when it is back', async () => {
    const { desk, net, asked, later, shown } = aDesk();
    net.open = false;
    desk.act([ref(0)], { action: 'ack' });
    await later(20_000);
    expect(asked).toEqual([]);
    expect(shown(0).pending).toMatchObject({ waiting: true });
    net.open = true;
    desk.wake('agent-eu');
    await later(0);
    expect(asked).toEqual(['ack incident-0 @1']);
  });

  it('never sends an action late', async () => {
    const { desk, net, asked, later, shown, lastToast } = aDesk();
    net.open = false;
    desk.act([ref(0)], { action: 'ack' });
    await later(61_000);
    net.open = true;
    desk.wake('agent-eu');
    await later(1000);
    expect(asked).toEqual([]);
    expect(shown(0)).toMatchObject({ incident: { state: 'OPEN' }, pending: null });
    expect(lastToast().text).toContain('EU was not reachable for 60 s');
  });

  it('gives a note that failed back as a draft', async () => {
    const { desk, net, later } = aDesk();
    net.open = false;
    desk.act([ref(1)], { action: 'notes', text: 'restarting db-eu-3' });
    await later(61_000);
    expect(desk.state.getState().drafts.get('agent-eu/incident-1')).toBe('restarting db-eu-3');
  });

  it('undoes inside the hold so that nothing goes out', async () => {
    const { desk, agent, later, shown, lastToast, clock } = aDesk();
    desk.act([ref(0)], { action: 'resolve', resolution: 'noise' });
    await later(3000);
    desk.undo();
    expect(shown(0).incident.state).toBe('OPEN');
    await later(60_000);
    agent.relay();
    expect(agent.relayed).toEqual([]);
    expect(clock.now()).toBeGreaterThan(START_MS);
    expect(lastToast()).toBeUndefined();
  });

  it('sends many as one batch, and undoes each to its own state', async () => {
    const { desk, agent, asked, later, shown } = aDesk();
    agent.actAs('lena', 'incident-1', { action: 'assign', to: 'lena' });
    desk.act([ref(0), ref(1), ref(2)], { action: 'ack' });
    await later(100);
    expect(asked).toEqual(['batch ack 3']);
    expect(shown(1).incident).toMatchObject({ state: 'ACK', assigned_to: 'lena' });
    desk.undo();
    await later(100);
    expect([0, 1, 2].map((n) => shown(n).incident.assigned_to)).toEqual([null, 'lena', null]);
    expect([0, 1, 2].map((n) => shown(n).incident.state)).toEqual(['OPEN', 'OPEN', 'OPEN']);
  });

  it('cuts what is too long for a batch', async () => {
    const { desk, asked, later } = aDesk(450);
    desk.act(
      Array.from({ length: 450 }, (_, i) => ref(i)),
      { action: 'ack' },
    );
    await later(100);
    expect(asked).toEqual(['batch ack 200', 'batch ack 200', 'batch ack 50']);
    expect(desk.state.getState().pending).toBe(0);
  });

  it('reports one failure of a batch for itself', async () => {
    const { desk, agent, later, shown, lastToast } = aDesk();
    agent.onChange = () => undefined;
    agent.change('incident-1', { state: 'RESOLVED', resolution: 'fixed', resolved_by: 'lena' });
    desk.act([ref(0), ref(1)], { action: 'ack' });
    await later(100);
    expect(shown(0).incident.state).toBe('ACK');
    expect(shown(1).incident.state).toBe('RESOLVED');
    expect(lastToast().text).toContain('lena has resolved it');
  });

  it('leaves what somebody else has changed since as they made it', async () => {
    const { desk, agent, later, shown } = aDesk();
    desk.act([ref(0)], { action: 'assign', to: 'mia' });
    await later(100);
    agent.actAs('lena', 'incident-0', { action: 'assign', to: 'lena' });
    desk.undo();
    await later(100);
    expect(shown(0).incident.assigned_to).toBe('lena');
  });

  it('drops what was not sent yet without a trace when it is undone', async () => {
    const { desk, net, asked, later, shown } = aDesk();
    net.open = false;
    desk.act([ref(0)], { action: 'ack' });
    desk.undo();
    expect(shown(0)).toMatchObject({ incident: { state: 'OPEN' }, pending: null });
    net.open = true;
    desk.wake('agent-eu');
    await later(2000);
    expect(asked).toEqual([]);
  });

  it('does again what was undone', async () => {
    const { desk, later, shown } = aDesk();
    desk.act([ref(0)], { action: 'ack' });
    await later(100);
    desk.undo();
    await later(100);
    desk.redo();
    await later(100);
    expect(shown(0).incident.state).toBe('ACK');
    expect(desk.state.getState()).toMatchObject({ undoable: 'Acknowledged INC-0 payment-service@EU', redoable: false });
  });

  it('forgets what is older than ten minutes', async () => {
    const { desk, later, shown } = aDesk();
    desk.act([ref(0)], { action: 'ack' });
    await later(601_000);
    desk.undo();
    await later(100);
    expect(shown(0).incident.state).toBe('ACK');
  });
});

/** What of an incident an undo promises to bring back. */
function facets({ state, assigned_to, severity_override, silence_id, silenced_until_ms }: Incident) {
  return {
    state,
    assigned_to,
    override: severity_override?.severity,
    silenced: silence_id !== null,
    silenced_until_ms,
  };
}

const anAction: fc.Arbitrary<IncidentAction> = fc.oneof(
  fc.constant<IncidentAction>({ action: 'ack' }),
  fc.constant<IncidentAction>({ action: 'unack' }),
  fc.constant<IncidentAction>({ action: 'resolve', force: true }),
  fc.constant<IncidentAction>({ action: 'reopen' }),
  fc.constantFrom('mia', 'lena', null).map((to): IncidentAction => ({ action: 'assign', to })),
  fc
    .constantFrom('P1', 'P4', null)
    .map((severity): IncidentAction => ({ action: 'severity', severity, reason: 'known' })),
  fc
    .constantFrom(START_MS + 900_000, START_MS + 3_600_000)
    .map((untilMs): IncidentAction => ({ action: 'silence', untilMs, scope: 'incident', reason: '' })),
  fc.constant<IncidentAction>({ action: 'unsilence' }),
);

const aStep = fc.record({
  action: anAction,
  on: fc.subarray([0, 1, 2], { minLength: 1 }),
  failures: fc.constantFrom(0, 0, 0, 1, 2),
  lost: fc.constantFrom(0, 0, 1),
  /** The detector changes what no action is about, unseen by the console. */
  detector: fc.boolean(),
  waitMs: fc.constantFrom(0, 0, 100, 3000),
});

describe('undo', () => {
  it('brings back the exact state before, whatever was done and however the network was', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { minLength: 1, maxLength: 6 }), async (steps) => {
        const { desk, agent, net, later, shown } = aDesk();
        const before = [0, 1, 2].map((n) => facets(agent.incidents.get(`incident-${n}`)!));
        for (const { action, on, failures, lost, detector, waitMs } of steps) {
          if (detector) agent.change('incident-1', { title: 'more' });
          net.failures = failures;
          net.loseAnswers = lost;
          desk.act(on.map(ref), action);
          if (waitMs > 0) await later(waitMs);
        }
        net.failures = 0;
        net.loseAnswers = 0;
        for (let i = 0; i < steps.length; i++) desk.undo();
        await later(30_000);
        expect([0, 1, 2].map((n) => facets(agent.incidents.get(`incident-${n}`)!))).toEqual(before);
        expect([0, 1, 2].map((n) => shown(n).pending)).toEqual([null, null, null]);
      }),
      { numRuns: 1000 },
    );
  });

  it('never touches what somebody else has done in between', async () => {
    await fc.assert(
      fc.asyncProperty(anAction, anAction, async (mine, theirs) => {
        const { desk, agent, later } = aDesk(1);
        desk.act([ref(0)], mine);
        await later(100);
        const mineMade = agent.incidents.get('incident-0')!;
        agent.actAs('lena', 'incident-0', theirs);
        const made = agent.incidents.get('incident-0')!;
        // Who writes what is there already cannot be told from the one who wrote it first.
        if (!differs(mineMade, made)) return;
        desk.undo();
        await later(1000);
        const now = agent.incidents.get('incident-0')!;
        if (theirs.action === 'assign') expect(now.assigned_to).toBe(theirs.to);
        if (theirs.action === 'severity' && mine.action !== 'severity') {
          expect(now.severity_override).toEqual(made.severity_override);
        }
      }),
      { numRuns: 200 },
    );
  });
});
