import { type Incident, type RoutingNotice, SEVERITIES } from '@sentinellog/shared';
import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Delivery, Transition } from '../pipeline/delivery.ts';
import { DEFAULT_POLICY } from './default-policy.ts';
import { IncidentLedger } from './incident-ledger.ts';
import { PageLedger } from './page-ledger.ts';
import { Router } from './router.ts';
import { SilenceBook } from './silence-book.ts';
import {
  aBook,
  anAlert,
  anIncident,
  aWindow,
  CHANNELS,
  type Documents,
  MINUTE,
  MORNING,
  NIGHT,
} from './testing/routing-builders.ts';
import { WindowWatch } from './window-watch.ts';

const ROOM_ONLY = CHANNELS.filter(({ id }) => id !== 'slack-maria');
const HOUR = 60 * MINUTE;

let documents: Documents;
let notices: Omit<RoutingNotice, 'notice_id'>[];
let silences: SilenceBook;
let pages: PageLedger;
let ledger: IncidentLedger;
let router: Router;

beforeEach(startAnew);

function startAnew(): void {
  documents = {};
  notices = [];
  silences = new SilenceBook(() => undefined);
  pages = new PageLedger();
  ledger = new IncidentLedger();
  const sources = { of: () => undefined };
  router = new Router({
    book: { documents: (kind) => aBook(documents).documents(kind), channels: () => ROOM_ONLY },
    silences,
    windows: new WindowWatch(() => documents.window ?? [], sources),
    pages,
    ledger,
    sources,
    rules: { actionOf: () => undefined },
    notice: (notice) => notices.push(notice),
  });
}

const short = (deliveries: readonly Delivery[], nowMs: number) =>
  deliveries.map(
    ({ channelId, transition, notBeforeMs, batch }) =>
      `${transition} ${channelId} +${(notBeforeMs - nowMs) / MINUTE}${batch ? ' batch' : ''}`,
  );
const plan = (incident: Incident, transition: Transition, nowMs: number) =>
  short(router.plan(incident, transition, nowMs), nowMs);

describe('what follows', () => {
  it('goes to whoever was told of the beginning, whatever the policies say by then', () => {
    plan(anIncident(), 'opened', NIGHT);
    documents = {
      policy: [{ ...DEFAULT_POLICY, id: 'none', rules: [{ name: 'none', match: {}, tell: [], continue: false }] }],
    };
    expect(plan(anIncident({ state: 'ACK', version: 2 }), 'acknowledged', NIGHT + MINUTE)).toEqual([
      'acknowledged pager +0',
      'acknowledged slack-incidents +0',
    ]);
    expect(plan(anIncident({ state: 'RESOLVED', severity: 'P4', version: 3 }), 'resolved', NIGHT + 2 * MINUTE)).toEqual(
      ['resolved pager +0', 'resolved slack-incidents +0'],
    );
  });

  it('waits with a first notice that is held, and is no noise of its own', () => {
    expect(plan(anIncident({ severity: 'P2' }), 'opened', NIGHT)).toEqual([
      'opened pager +0',
      'opened slack-incidents +360',
    ]);
    expect(plan(anIncident({ severity: 'P2', version: 2 }), 'updated', NIGHT + HOUR)).toEqual(['updated pager +0']);
    expect(plan(anIncident({ severity: 'P2', version: 3 }), 'resolved', NIGHT + 2 * HOUR)).toEqual([
      'resolved pager +0',
      'resolved slack-incidents +240',
    ]);
  });

  it('a higher severity tells those who were to wait at once, and those who were not told', () => {
    plan(anIncident({ severity: 'P3' }), 'opened', NIGHT + MINUTE);
    expect(plan(anIncident({ severity: 'P2', version: 2 }), 'updated', NIGHT + 2 * MINUTE)).toEqual([
      'opened pager +0',
      'opened slack-incidents +358',
    ]);
    expect(plan(anIncident({ severity: 'P1', version: 3 }), 'updated', NIGHT + 3 * MINUTE)).toEqual([
      'opened slack-incidents +0',
      'updated pager +0',
    ]);
  });

  it('through a channel that collects is collected, too', () => {
    expect(plan(anIncident({ severity: 'P3' }), 'opened', NIGHT + MINUTE)).toEqual(['opened mail-ops +59 batch']);
    expect(plan(anIncident({ severity: 'P3', version: 2 }), 'updated', NIGHT + 2 * MINUTE)).toEqual([]);
    expect(plan(anIncident({ severity: 'P3', version: 3 }), 'updated', NIGHT + 61 * MINUTE)).toEqual([
      'updated mail-ops +59 batch',
    ]);
    expect(plan(anIncident({ severity: 'P3', version: 4 }), 'resolved', NIGHT + 62 * MINUTE)).toEqual([
      'resolved mail-ops +58 batch',
    ]);
  });

  it('a re-opened incident is told to all of them again', () => {
    plan(anIncident(), 'opened', NIGHT);
    plan(anIncident({ version: 2 }), 'resolved', NIGHT + MINUTE);
    expect(plan(anIncident({ version: 3, reopened: 1 }), 'reopened', NIGHT + 10 * MINUTE)).toEqual([
      'reopened pager +0',
      'reopened slack-incidents +0',
    ]);
    expect(ledger.of('incident-1')?.waitingSinceMs).toBe(NIGHT + 10 * MINUTE);
  });

  it('of an incident whose record was lost goes to whom the policies name', () => {
    expect(plan(anIncident({ version: 9 }), 'resolved', NIGHT)).toEqual([
      'resolved pager +0',
      'resolved slack-incidents +0',
    ]);
  });

  it('of an incident that nobody was told of goes to nobody', () => {
    expect(plan(anIncident({ severity: 'P4' }), 'opened', NIGHT)).toEqual([]);
    expect(plan(anIncident({ severity: 'P4', version: 2 }), 'resolved', NIGHT)).toEqual([]);
  });
});

describe('a maintenance window', () => {
  it('keeps quiet, on its bill, but lets the end of what was told before through', () => {
    plan(anIncident(), 'opened', NIGHT - 2 * HOUR);
    documents = { window: [aWindow()] };
    expect(plan(anIncident({ version: 2 }), 'updated', NIGHT)).toEqual([]);
    expect(plan(anIncident({ version: 3 }), 'resolved', NIGHT)).toEqual([
      'resolved pager +0',
      'resolved slack-incidents +0',
    ]);
  });

  it('covers an incident only when every service in it stands in one', () => {
    documents = { window: [aWindow()] };
    const alerts = [anAlert(), anAlert({ alert_id: 'alert-2', service: 'order-service', source_id: 'source-2' })];
    expect(plan(anIncident({ alerts }), 'opened', NIGHT)).not.toEqual([]);
    expect(router.hiddenBy(anIncident(), NIGHT)).toEqual({
      type: 'window',
      id: 'db-upgrade',
      because: 'maintenance database upgrade: PostgreSQL 18',
    });
  });
});

const putSilence = (severity: 'P1' | 'P3') =>
  silences.put(
    silences.draft(
      '01996f00-0000-7000-8000-00000000005e',
      {
        scope: { kind: 'service', service: 'payment-service' },
        reason: 'known',
        ends_at_ms: null,
        until_worse: true,
      },
      'Maria',
      [anAlert({ severity })],
      NIGHT,
    ),
  );

describe('a silence', () => {
  it('hides, and counts what it hides', () => {
    putSilence('P1');
    expect(plan(anIncident(), 'opened', NIGHT)).toEqual([]);
    expect(silences.list(NIGHT)[0]?.hid).toEqual({ alerts: 1, notices: 2, peak_score: 9.1 });
  });

  it('lets the message that is there say so, once', () => {
    plan(anIncident(), 'opened', NIGHT);
    putSilence('P1');
    const silenced = anIncident({ version: 2, silence_id: '01996f00-0000-7000-8000-00000000005e' });
    expect(plan(silenced, 'updated', NIGHT + MINUTE)).toEqual(['updated pager +0', 'updated slack-incidents +0']);
    expect(plan({ ...silenced, version: 3 }, 'updated', NIGHT + 2 * MINUTE)).toEqual([]);
  });

  it('ends when it gets worse, and people hear of it', () => {
    putSilence('P3');
    expect(plan(anIncident(), 'opened', NIGHT)).toEqual(['opened pager +0', 'opened slack-incidents +0']);
    expect(silences.list(NIGHT)[0]).toMatchObject({ ended_because: 'worse_severity' });
  });
});

const open = (index: number, severity: 'P1' | 'P2', nowMs: number) =>
  plan(anIncident({ incident_id: `incident-${index}`, severity }), 'opened', nowMs);
const spend = () => {
  for (let index = 0; index < 20; index++) open(index, 'P2', MORNING + index);
};

describe('a page budget', () => {
  it('that is spent collects the next pages and says so, once for each digest', () => {
    spend();
    expect(notices).toEqual([]);
    expect(open(20, 'P2', MORNING + MINUTE)).toEqual(['opened pager +29 batch', 'opened slack-incidents +29 batch']);
    expect(
      plan(anIncident({ incident_id: 'incident-20', severity: 'P2', version: 2 }), 'updated', MORNING + 2 * MINUTE),
    ).toEqual([]);
    open(21, 'P2', MORNING + 2 * MINUTE);
    expect(pages.standings([DEFAULT_POLICY], MORNING + 3 * MINUTE)[0]).toMatchObject({ spent: 20, is_spent: true });
    expect(notices).toEqual([
      {
        at_ms: MORNING + MINUTE,
        kind: 'budget_spent',
        object: 'service:payment-service',
        text: 'service:payment-service has used its 20 pages in 24 h: collected every 30 min',
      },
    ]);
  });

  it('never holds the first P1 of an incident, but its re-openings', () => {
    spend();
    expect(open(30, 'P1', MORNING + MINUTE)).toEqual(['opened pager +0', 'opened slack-incidents +0']);
    expect(plan(anIncident({ incident_id: 'incident-30', version: 4 }), 'reopened', MORNING + 5 * MINUTE)).toEqual([
      'reopened pager +25 batch',
      'reopened slack-incidents +25 batch',
    ]);
  });

  it('lets the P2 that has become P1 through', () => {
    spend();
    open(31, 'P2', MORNING + MINUTE);
    expect(plan(anIncident({ incident_id: 'incident-31', version: 2 }), 'updated', MORNING + 2 * MINUTE)).toEqual([
      'opened pager +0',
      'opened slack-incidents +0',
    ]);
  });

  it('is that of a day: what is older does not count', () => {
    spend();
    expect(open(22, 'P2', MORNING + 24 * HOUR)).toEqual(['opened pager +0', 'opened slack-incidents +0']);
  });

  it('says how far it is spent and when it will be', () => {
    for (let index = 0; index < 6; index++) open(index, 'P2', MORNING + index * HOUR);
    const [standing] = pages.standings([DEFAULT_POLICY], MORNING + 6 * HOUR);
    // Five in the newest six hours: fourteen more take 16.8 hours.
    expect(standing).toMatchObject({
      per: 'service',
      subject: 'payment-service',
      spent: 6,
      pages: 20,
      is_spent: false,
    });
    expect(standing?.spent_by_ms).toBe(MORNING + 6 * HOUR + 16.8 * HOUR);
    expect(pages.standings([DEFAULT_POLICY], MORNING + 20 * HOUR)[0]?.spent_by_ms).toBeNull();
  });
});

describe('the answer to why', () => {
  it('names a silence, and changes nothing', () => {
    silences.put(
      silences.draft(
        '01996f00-0000-7000-8000-00000000005e',
        {
          scope: { kind: 'incident', incident_id: 'incident-1' },
          reason: 'known',
          ends_at_ms: null,
          until_worse: false,
        },
        'Maria',
        [anAlert()],
        NIGHT,
      ),
    );
    const explanation = router.explain(router.factsOf(anIncident()), NIGHT, anIncident());
    expect(explanation.summary).toBe('Nobody hears of it: silenced by Maria: known.');
    expect(explanation.told).toEqual([]);
    expect(explanation.not_told).toEqual([
      { target: 'channel:pager', because: 'silenced by Maria: known' },
      { target: 'channel:slack-incidents', because: 'silenced by Maria: known' },
    ]);
    expect(silences.takeChanged()).toEqual([]);
    expect(ledger.takeChanged()).toEqual([]);
    expect(pages.takeUnsaved()).toEqual([]);
  });

  it('counts who hears now and who later', () => {
    const explanation = router.explain(router.factsOf(anIncident({ severity: 'P2' })), NIGHT);
    expect(explanation.summary).toBe('A P2 like this is told to 2 channels: 1 at once, 1 later.');
  });
});

describe('whatever policies, silences and windows come and go', () => {
  const step = record({
    transition: constantFrom<Transition>('opened', 'updated', 'acknowledged', 'unacknowledged', 'reopened'),
    severity: constantFrom(...SEVERITIES),
    minutes: integer({ min: 1, max: 600 }),
    world: constantFrom<Documents>(
      {},
      { window: [aWindow({ repeats: { every: 'day', interval: 1 } })] },
      { policy: [{ ...DEFAULT_POLICY, id: 'none', rules: [{ name: 'none', match: {}, tell: [], continue: false }] }] },
      { policy: [{ ...DEFAULT_POLICY, id: 'twin', pagerduty_severities: [] }] },
    ),
    silenced: boolean(),
  });

  it('exactly those who were told hear of the end, and not before the beginning', () => {
    assert(
      property(array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        startAnew();
        let nowMs = NIGHT;
        let version = 1;
        const told = new Map<string, number>();
        // It always begins with its opening.
        for (const { transition, severity, minutes, world, silenced } of [
          { ...steps[0], transition: 'opened' as const },
          ...steps,
        ]) {
          documents = world;
          if (silenced) putSilence('P1');
          for (const delivery of router.plan(anIncident({ severity, version: version++ }), transition, nowMs)) {
            expect(delivery.notBeforeMs).toBeGreaterThanOrEqual(nowMs);
            if (transition !== 'acknowledged' && transition !== 'unacknowledged')
              told.set(delivery.channelId, delivery.notBeforeMs);
            else expect(told.has(delivery.channelId)).toBe(true);
          }
          nowMs += minutes * MINUTE;
        }
        const ends = router.plan(anIncident({ state: 'RESOLVED', severity: 'P4', version }), 'resolved', nowMs);
        expect(ends.map(({ channelId }) => channelId).toSorted()).toEqual([...told.keys()].toSorted());
        for (const { channelId, notBeforeMs } of ends)
          expect(notBeforeMs).toBeGreaterThanOrEqual(told.get(channelId) ?? 0);
      }),
      { numRuns: 300 },
    );
  });
});
