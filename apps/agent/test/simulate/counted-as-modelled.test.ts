import { FRAME_COLUMNS, FrameBlock } from '@sentinellog/shared';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../src/simulate/event-stream.ts';
import { LineBatch } from '../../src/simulate/line-batch.ts';
import { SERVICE_NAMES } from '../../src/simulate/services.ts';
import { TrafficModel } from '../../src/simulate/traffic-model.ts';
import { Tally } from '../../src/tally/tally.ts';

const FROM = Date.parse('2026-03-03T14:00:00Z') / 1000;
const MINUTES = 20;
const cascade = [{ name: 'cascade', startSecond: FROM + 300 }] as const;
const aModel = () =>
  new TrafficModel({ seed: 8, rate: 1, referenceSecond: FROM, scenariosAt: (at) => (at >= FROM + 300 ? cascade : []) });

describe('simulated traffic', () => {
  it('is counted by the agent as the model has it: every service, minute and level, in every logger’s words', () => {
    const tally = new Tally({
      maxSourcesPerTenant: 100,
      onClosed: () => undefined,
      onSource: () => undefined,
      isBlind: () => false,
    });
    const stream = new EventStream(aModel(), 8, FROM);
    const batch = new LineBatch(1 << 16);
    const end = (FROM + MINUTES * 60) * 1000;
    for (let lsn = 1, stopped = 'more'; stopped === 'more'; lsn++) {
      batch.clear();
      stopped = stream.writeInto(batch, end);
      const meta = { receivedAtMs: end, tenant: 'default', pinnedService: null, format: 'json' } as const;
      const scanned = tally.scan(meta, batch.body);
      expect(scanned).toMatchObject({
        accepted: batch.lines,
        rejected: 0,
        clamped: 0,
        timeUnreadable: 0,
        encodingFixed: 0,
      });
      tally.apply(scanned, lsn);
    }

    const { deltas } = tally.takeDelta();
    const serviceOf = new Map(tally.sources.map(({ sourceId, service }) => [sourceId, service]));
    const counted = new Map<string, Record<string, number>>();
    for (const { sourceId, level, start, block } of deltas) {
      if (level !== 0) continue;
      const whole = new FrameBlock(1);
      for (let slot = 0; slot < block.slots; slot++) whole.addFrame(0, block.counts(slot));
      counted.set(`${serviceOf.get(sourceId)} ${start}`, whole.counts(0));
    }

    const model = aModel();
    for (const service of SERVICE_NAMES) {
      for (let minute = FROM; minute < FROM + MINUTES * 60; minute += 60) {
        let [events, errors] = [0, 0];
        for (let second = minute; second < minute + 60; second++) {
          const counts = model.countsAt(service, second);
          events += counts.events;
          errors += counts.errors;
        }
        const found =
          counted.get(`${service} ${minute}`) ?? Object.fromEntries(FRAME_COLUMNS.map((column) => [column, 0]));
        expect(found['error'] + found['fatal'], service).toBe(errors);
        expect(found['debug'] + found['info'] + found['warn'], service).toBe(events - errors);
        expect(found['other'], service).toBe(0);
      }
    }
  });
});
