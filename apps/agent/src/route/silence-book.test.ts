import type { Alert, Silence, SilenceCreate } from '@sentinellog/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { SilenceBook } from './silence-book.ts';
import { anAlert, anIncident, MINUTE, NIGHT } from './testing/routing-builders.ts';

const ID = '01996f00-0000-7000-8000-00000000005e';
const HOUR = 60 * MINUTE;

let ended: Silence[];
let templates: readonly string[] | 'unknown';
let volume: number | 'unknown';
let book: SilenceBook;

beforeEach(() => {
  ended = [];
  templates = 'unknown';
  volume = 'unknown';
  book = new SilenceBook((over) => ended.push(over), {
    templateIds: ({ signal }) => (signal.startsWith('template:') ? [signal.slice(9)] : templates),
    eventsPerMinute: () => volume,
  });
});

function silence(
  overrides: Partial<SilenceCreate> = {},
  open: readonly Alert[] = [anAlert({ severity: 'P3', peak_score: 3 })],
) {
  const input: SilenceCreate = {
    scope: { kind: 'service', service: 'payment-service' },
    reason: 'deploy of 4.2',
    ends_at_ms: NIGHT + HOUR,
    until_worse: false,
    ...overrides,
  };
  const stored = book.draft(ID, input, 'Maria', open, NIGHT);
  book.put(stored);
  return stored;
}
const quiet = (overrides: Partial<Alert> = {}) => anAlert({ severity: 'P3', peak_score: 3, ...overrides });

describe('a silence', () => {
  it('covers what its scope says, until it runs out, and says by whom and why', () => {
    silence();
    expect(book.covers(quiet(), NIGHT)).toEqual({
      type: 'covered',
      silenceId: ID,
      untilMs: NIGHT + HOUR,
      because: 'silenced by Maria: deploy of 4.2',
    });
    expect(book.covers(quiet({ service: 'order-service' }), NIGHT).type).toBe('open');
    expect(book.covers(quiet(), NIGHT + HOUR).type).toBe('open');
  });

  it.each([
    [{ kind: 'source', source_id: anAlert().source_id }, { source_id: 'another' }],
    [{ kind: 'incident', incident_id: 'incident-1' }, { incident_id: 'incident-2' }],
    [{ kind: 'template', template_id: 't1', service: null }, { signal: 'template:t2' }],
    [{ kind: 'template', template_id: 't1', service: 'payment-service' }, { service: 'order-service' }],
  ] as const)('of scope %j leaves others alone', (scope, other) => {
    silence({ scope });
    const own = quiet({ signal: 'template:t1' });
    expect(book.covers(own, NIGHT).type).toBe('covered');
    expect(book.covers({ ...own, ...other }, NIGHT).type).toBe('open');
  });

  it('of one template does not hide an alert with several', () => {
    silence({ scope: { kind: 'template', template_id: 't1', service: null } });
    templates = ['t1', 't2'];
    expect(book.covers(quiet(), NIGHT).type).toBe('open');
    templates = ['t1'];
    expect(book.covers(quiet(), NIGHT).type).toBe('covered');
  });

  it.each([
    [
      'a higher severity',
      { severity: 'P2' },
      'worse_severity',
      'payment-service was P3 when it was silenced and is P2 now',
    ],
    [
      'a new template',
      { signal: 'new_templates', opened_at_ms: NIGHT + 1 },
      'new_template',
      'payment-service says something it has not said before',
    ],
  ] as const)('does not cover %s', (_what, overrides, end, because) => {
    silence();
    expect(book.covers(quiet(overrides), NIGHT)).toEqual({ type: 'worse', silenceId: ID, end, because });
  });

  it('does not cover a template that was not there when it was made', () => {
    templates = ['t1'];
    silence();
    expect(book.covers(quiet(), NIGHT).type).toBe('covered');
    templates = ['t1', 't9'];
    expect(book.covers(quiet(), NIGHT)).toMatchObject({ type: 'worse', end: 'new_template' });
  });

  it('until it gets worse holds at any time, but not at two sigma more or at twice the events', () => {
    volume = 100;
    silence({ ends_at_ms: null });
    expect(book.covers(quiet({ peak_score: 4.9 }), NIGHT + 90 * 24 * HOUR).type).toBe('covered');
    expect(book.covers(quiet({ peak_score: -5 }), NIGHT)).toMatchObject({ type: 'worse', end: 'worse_volume' });
    volume = 200;
    expect(book.covers(quiet(), NIGHT)).toMatchObject({ type: 'worse', end: 'worse_volume' });
  });

  it('with an end does not mind more of the same, unless it was told to', () => {
    silence();
    expect(book.covers(quiet({ peak_score: 30 }), NIGHT).type).toBe('covered');
    silence({ until_worse: true });
    expect(book.covers(quiet({ peak_score: 30 }), NIGHT).type).toBe('worse');
  });

  it('over something quiet takes the first thing that it covers as its measure', () => {
    silence({}, []);
    book.bill(ID, [quiet()], 1);
    expect(book.covers(quiet({ severity: 'P1' }), NIGHT).type).toBe('worse');
  });

  it('covers an incident only when it covers every alert that still counts', () => {
    silence();
    const other = quiet({ alert_id: 'alert-2', service: 'order-service' });
    const incident = anIncident({ alerts: [quiet(), other] });
    expect(book.covers(incident, NIGHT).type).toBe('open');
    expect(book.covers({ ...incident, alerts: [quiet(), { ...other, state: 'RESOLVED' }] }, NIGHT).type).toBe(
      'covered',
    );
  });

  it('tells its bill when it ends, each alert once', () => {
    silence();
    book.bill(ID, [quiet()], 2);
    book.bill(ID, [quiet(), quiet({ alert_id: 'alert-2', peak_score: -7 })], 3);
    book.expire(NIGHT + HOUR - 1);
    expect(ended).toEqual([]);
    book.expire(NIGHT + HOUR);
    expect(ended).toMatchObject([{ ended_because: 'expired', hid: { alerts: 2, notices: 5, peak_score: -7 } }]);
    expect(book.list(NIGHT + HOUR)).toHaveLength(1);
    expect(book.list(NIGHT + HOUR + 8 * 24 * HOUR)).toEqual([]);
  });

  it('comes through a restart with its bill and its measure', () => {
    silence();
    book.bill(ID, [quiet()], 2);
    const again = new SilenceBook(() => undefined);
    again.restore(JSON.parse(JSON.stringify(book.takeChanged())));
    expect(again.covers(quiet({ severity: 'P1' }), NIGHT).type).toBe('worse');
    expect(again.one(ID)).toMatchObject({ hid: { alerts: 1, notices: 2 } });
  });

  it('is refused with an end in the past', () => {
    expect(() => silence({ ends_at_ms: NIGHT })).toThrow('in the past');
  });
});
