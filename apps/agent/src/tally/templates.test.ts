import { BLOCK_LEVELS } from '@sentinellog/shared';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateBlock } from '../pipeline/template-block.ts';
import { restoredTemplates } from '../pipeline/testing/no-templates.ts';
import { Tally, type TallyDelta } from './tally.ts';
import { OVERFLOW_TEMPLATE } from './template-book.ts';
import { field, message, otlpRequest } from './testing/otlp-message.ts';
import { anEvent, NEW_YEAR } from './testing/tally-probe.ts';

interface Said {
  readonly service: string;
  readonly second: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly fresh: readonly string[];
}

/** A tally with what it says of templates written down. */
class TemplateProbe {
  readonly said: Said[] = [];
  readonly tally = new Tally({
    maxSourcesPerTenant: 100,
    onClosed: () => undefined,
    onSource: () => undefined,
    isBlind: () => false,
    onDetailsClosed: ({ service }, second, { templates }) =>
      this.said.push({
        service,
        second: second - NEW_YEAR,
        counts: Object.fromEntries(Array.from(templates?.counts ?? [], ([{ text }, events]) => [text, events])),
        fresh: templates?.fresh.map(({ text }) => text) ?? [],
      }),
  });
  #lsn = 0;

  send(events: readonly object[], atSecond = NEW_YEAR): void {
    const meta = { receivedAtMs: atSecond * 1000, tenant: 'default', pinnedService: null, format: 'json' } as const;
    const body = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
    this.tally.apply(this.tally.scan(meta, body), ++this.#lsn);
  }

  texts(): string[] {
    return Array.from(this.tally.templates.records(), ({ text }) => text).filter((text) => !text.startsWith('(t'));
  }
}

const said = (msg: string, second = 0, more: object = {}) => anEvent(NEW_YEAR + second, { msg, ...more });

/** Events by source, level of block and slot, from frames and from templates: one line each, in order. */
function totals(delta: Pick<TallyDelta, 'deltas' | 'templates'>): { frames: string[]; templates: string[] } {
  const frames = new Map<string, number>();
  const templates = new Map<string, number>();
  for (const { sourceId, level, start, block } of delta.deltas) {
    for (let slot = 0; slot < block.slots; slot++) {
      const { bytes: _bytes, ...levels } = block.counts(slot);
      const events = Object.values(levels).reduce((sum, count) => sum + count, 0);
      if (events > 0) add(frames, `${sourceId}/${level}/${start}/${slot}`, events);
    }
  }
  for (const { sourceId, level, start, body } of delta.templates.blocks) {
    for (const row of TemplateBlock.decode(body).rows.values()) {
      for (let i = 0; i < row.length; i += 2) add(templates, `${sourceId}/${level}/${start}/${row[i]}`, row[i + 1]);
    }
  }
  return { frames: listed(frames), templates: listed(templates) };
}

function add(to: Map<string, number>, key: string, events: number): void {
  to.set(key, (to.get(key) ?? 0) + events);
}

const listed = (events: ReadonlyMap<string, number>) =>
  Array.from(events, ([key, count]) => `${key} ${count}`).toSorted();

/** A word of letters, another one for each number. */
const word = (n: number) => n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]);

const MESSAGES = [
  'order 17 of user u-4711 handled in 23 ms',
  'Session opened for user alice by console',
  'Session opened for user bob by console',
  'Session opened for user carol by console',
  'Session opened for user dave by console',
  'Session opened for user erin by console',
  'Session opened for user frank by console',
  'say "hi" to\nthem',
  '',
  '{"level":"info","msg":"nested json 7"}',
];
const anyEvent = fc
  .tuple(
    fc.constantFrom(...MESSAGES),
    fc.integer({ min: -200, max: 80 }),
    fc.constantFrom('api', 'shop'),
    fc.constantFrom('info', 'ERROR', ''),
  )
  .map(([msg, second, service, level]) => anEvent(NEW_YEAR + second, { msg, service, level }));

/** A member of a body that is a structure. */
const pair = (order: string) => message(field(1, 'msg'), field(2, field(1, `order ${order} placed`)));

describe('templates of what is counted', () => {
  it('names what each message has in common', () => {
    const probe = new TemplateProbe();
    probe.send([said('order 17 of user u-4711 handled'), said('order 9 of user u-2 handled'), said('cache flushed')]);
    expect(probe.texts()).toEqual(['order <*> of user <*> handled', 'cache flushed']);
  });

  it('reads through the escapes of JSON, so that the same message by any protocol is one template', () => {
    const probe = new TemplateProbe();
    const otlp = {
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'said "h\u00e9" 7 to him' } }] }] }],
    };
    probe.send([said('said "h\u00e9" 1 to him')]);
    for (const [format, body] of [
      ['json', String.raw`{"service":"payment-service","msg":"said \"h\u00e9\" 2 to him"}`],
      ['otlp-json', JSON.stringify(otlp)],
      [
        'loki-json',
        JSON.stringify({ streams: [{ stream: {}, values: [['1767225600000000000', 'said "h\u00e9" 3 to him']] }] }),
      ],
    ] as const) {
      const meta = { receivedAtMs: NEW_YEAR * 1000, tenant: 'default', pinnedService: null, format };
      probe.tally.apply(probe.tally.scan(meta, Buffer.from(body)), 9);
    }
    expect(probe.texts()).toEqual(['said "h\u00e9" <*> to him']);
  });

  it('takes what an OTLP record says when that is a structure, and when it is nothing', () => {
    const { tally } = new TemplateProbe();
    const records = ['7', '8'].map((order) => field(5, field(6, field(1, pair(order)))));
    const meta = { receivedAtMs: NEW_YEAR * 1000, tenant: 'a', pinnedService: null, format: 'otlp-protobuf' } as const;
    tally.apply(tally.scan(meta, otlpRequest('shop', ...records, field(2, 9))), 1);
    const used = [...tally.templates.records()].flatMap(({ text, sources }) =>
      [...sources].map(({ uses }) => `${text} ${[...uses.values()].map(({ levels }) => levels.join()).join(' ')}`),
    );
    expect(used).toEqual([expect.stringContaining('order <*> placed'), expect.stringContaining('(empty)')]);
    expect(tally.counters['accepted']).toBe(3);
  });

  it('goes by the first line of a stack trace, and takes a whole event where there is no message', () => {
    const probe = new TemplateProbe();
    probe.send([said('Boom in worker 3\n  at a.b.C(D.java:7)'), said('Boom in worker 4\n  at x.y.Z(Q.java:81)')]);
    probe.send([{ service: 'payment-service', ts: NEW_YEAR, took: 7 }]);
    expect(probe.texts()).toEqual(['Boom in worker <*>', expect.stringContaining('took')]);
  });

  it('sums up to the frames, for every second, minute and hour of every source', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 6 }),
        (batches) => {
          const { tally } = batches.reduce((probe, events) => {
            probe.send(events);
            return probe;
          }, new TemplateProbe());
          const { frames, templates } = totals(tally.takeDelta());
          expect(templates).toEqual(frames);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps the sum when commits fail in between', () => {
    const probe = new TemplateProbe();
    probe.send([said('one 1'), said('two 2', 3)]);
    probe.tally.giveBack(probe.tally.takeDelta());
    probe.send([said('one 3'), said('three', 70)]);
    probe.tally.giveBack(probe.tally.takeDelta());
    probe.send([said('one 4', 70)]);
    const delta = probe.tally.takeDelta();
    const { frames, templates } = totals(delta);
    expect(templates).toEqual(frames);
    expect(delta.templates.templates.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['one <*>', 'two <*>', 'three']),
    );
    expect(probe.tally.takeDelta().templates).toMatchObject({ templates: [], aliases: [], blocks: [] });
  });

  it('goes on after a restart as if there had been none', () => {
    const events = Array.from({ length: 60 }, (_, i) =>
      said(
        i % 3 === 0 ? `Session opened for user ${'abcdefghijklmnopqrst'[i % 20]}x by console` : `took ${i} ms`,
        i % 7,
      ),
    );
    const [whole, first, second] = [new TemplateProbe(), new TemplateProbe(), new TemplateProbe()];
    whole.send(events.slice(0, 30));
    whole.send(events.slice(30));
    first.send(events.slice(0, 30));
    const delta = first.tally.takeDelta();
    second.tally.restore({
      lsn: delta.lsn,
      atMs: 0,
      sources: delta.newSources.map((row) => ({ ...row, ...delta.progress[0] })),
      openMinutes: delta.deltas.filter(({ level }) => level === 0),
      watches: new Map(),
      openAnomalies: [],
      counters: delta.counters,
      templates: restoredTemplates(delta.templates),
    });
    second.send(events.slice(30));
    const usesOf = ({ tally }: TemplateProbe) =>
      Array.from(tally.templates.records(), ({ id, sources }) =>
        [...sources]
          .flatMap(({ uses }) => Array.from(uses, ([used, { levels }]) => `${id} ${used.id} ${levels.join()}`))
          .join('\n'),
      ).toSorted();
    expect(usesOf(second)).toEqual(usesOf(whole));
    for (const probe of [whole, second]) probe.tally.tick((NEW_YEAR + 60) * 1000);
    const { sourceId } = whole.tally.sources[0];
    expect(second.tally.sources[0].sourceId).toBe(sourceId);
    expect(second.said.at(-1)).toEqual(whole.said.at(-1));
  });

  it('puts what exceeds a source’s limit under one template, and counts it', () => {
    const probe = new TemplateProbe();
    const events = Array.from({ length: 1300 }, (_, i) =>
      said(`${word(i * 7919 + 100_000)} ${'x '.repeat(i % 13)}(${'['.repeat(Math.floor(i / 13) % 90)}`),
    );
    probe.send(events);
    const { frames, templates } = totals(probe.tally.takeDelta());
    expect(templates).toEqual(frames);
    expect(probe.tally.counters['template_overflow']).toBe(300);
    expect([...probe.tally.templates.records()].find(({ id }) => id === OVERFLOW_TEMPLATE)?.sources.size).toBe(1);
  });

  it('tells whoever listens what a closed second said, and what of it is new to the source', () => {
    const probe = new TemplateProbe();
    probe.send([said('up 1'), said('up 2'), said('down', 1), said('up 3', 1), said('end', 9)], NEW_YEAR + 90);
    expect(probe.said).toEqual([
      { service: 'payment-service', second: 0, counts: { 'up <*>': 2 }, fresh: ['up <*>'] },
      { service: 'payment-service', second: 1, counts: { down: 1, 'up <*>': 1 }, fresh: ['down'] },
    ]);
  });

  it('follows merges: what was counted under the one belongs to the other', () => {
    const probe = new TemplateProbe();
    probe.send(
      ['alice', 'bob', 'carol', 'dave', 'erin'].map((user) => said(`Session opened for user ${user} by console`)),
    );
    const [source] = [...probe.tally.templates.records()].flatMap(({ sources }) => [...sources]);
    expect(probe.texts()).toEqual(['Session opened for user <*> by console']);
    expect([...source.uses.values()].map(({ levels }) => levels[1])).toEqual([5]);
    const { blocks, aliases, templates } = probe.tally.takeDelta().templates;
    const known = new Set(templates.map(({ templateId }) => templateId));
    const day = blocks.find(({ level }) => level === BLOCK_LEVELS[2].level)!;
    for (const id of TemplateBlock.decode(day.body).rows.keys()) {
      expect(known.has(aliases.find(({ from }) => from === id)?.to ?? id)).toBe(true);
    }
  });
});
