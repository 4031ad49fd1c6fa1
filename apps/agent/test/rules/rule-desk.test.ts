import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rule, RuleBodySchema, uuidv7 } from '@sentinellog/shared';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/store/testing/silent-log.ts';
import { RuleDesk } from '../../src/rules/rule-desk.ts';
import { bodyOfRule, parseRuleDocument, printRuleDocument, readyMadeRules } from '../../src/rules/rule-document.ts';

const NOW = 1_767_229_200_000;
const MIA = { name: 'Mia' };
const QUIET = RuleBodySchema.parse({
  name: 'Checkout is quiet',
  severity: 'P1',
  scope: { services: ['checkout-*'] },
  condition: { kind: 'absence' },
  window_seconds: 300,
  message: '{service} is quiet',
});

let dataDir: string;
let store: Store;
let told: (readonly Rule[])[];
let entropy = 0;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-rules-'));
  store = await openStore({ config: { dataDir, database: {} }, log: silentLog, now: () => NOW });
  await store.restore();
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});
beforeEach(() => void (told = []));

function aDesk(): RuleDesk {
  return new RuleDesk({
    store: store.rules,
    onRules: (rules) => told.push(rules),
    dryRun: () => Promise.resolve({ fired: [], blindTo: [] }),
    now: () => NOW,
    newId: () => uuidv7(NOW, Buffer.alloc(10, ++entropy)),
  });
}

async function anOpenDesk(): Promise<RuleDesk> {
  const desk = aDesk();
  await desk.open([], false);
  return desk;
}

describe('RuleDesk', () => {
  it('adds the five ready-made rules once, switched off, and not again after a person removed one', async () => {
    const desk = aDesk();
    await desk.open(readyMadeRules(), false);
    expect(desk.list().map(({ name, enabled }) => [name, enabled])).toEqual([
      ['Database connection failure', false],
      ['Error spike', false],
      ['Service down', false],
      ['Slow response', false],
      ['Suspicious user', false],
    ]);
    const slow = desk.list().find(({ name }) => name === 'Slow response')!;
    await desk.remove(slow.rule_id, 1, MIA);
    const later = aDesk();
    await later.open(readyMadeRules(), true);
    expect(later.list().map(({ name }) => name)).not.toContain('Slow response');
    expect(later.list().some(({ enabled }) => enabled)).toBe(false);
  });

  it('tells whoever judges by the rules after every change', async () => {
    const desk = await anOpenDesk();
    const made = await desk.create(QUIET, MIA);
    await desk.replace(made.rule_id, { ...QUIET, enabled: false }, 1, MIA);
    expect(told.at(-1)?.find(({ rule_id }) => rule_id === made.rule_id)).toMatchObject({ enabled: false, version: 2 });
    await expect(desk.replace(made.rule_id, QUIET, 1, MIA)).rejects.toThrow('at version 2 (changed by Mia), not 1');
    await expect(desk.create(QUIET, MIA)).rejects.toThrow('another rule is called "Checkout is quiet"');
    await desk.remove(made.rule_id, 2, MIA);
    expect(desk.one(made.rule_id)).toBeNull();
  });

  it('shows what an import would do, then does all of it or nothing', async () => {
    const desk = await anOpenDesk();
    const [first, second] = desk.list();
    const document = printRuleDocument(
      [{ ...bodyOfRule(first), window_seconds: 77 }, bodyOfRule(second), QUIET],
      'yaml',
    );
    const expected = { add: [QUIET.name], change: [first.name], same: [second.name] };
    expect(await desk.import(document, 'preview', MIA)).toEqual(expected);
    expect(desk.list().map(({ name }) => name)).not.toContain(QUIET.name);
    expect(await desk.import(document, 'apply', MIA)).toEqual(expected);
    expect(desk.one(first.rule_id)?.window_seconds).toBe(77);

    await store.rules.apply(
      [{ type: 'replace', ruleId: second.rule_id, version: 1, body: { ...QUIET, name: second.name } }],
      { actor: 'Otto', atMs: NOW },
    );
    const stale = printRuleDocument(
      [
        { ...QUIET, name: 'Never seen' },
        { ...QUIET, name: second.name, severity: 'P4' },
      ],
      'json',
    );
    await expect(desk.import(stale, 'apply', MIA)).rejects.toThrow('changed by Otto');
    expect((await store.rules.list()).map(({ name }) => name)).not.toContain('Never seen');
  });

  it('exports what imports to the same rules', async () => {
    const desk = await anOpenDesk();
    for (const format of ['json', 'yaml'] as const) {
      const { add, change } = await desk.import(desk.export(format), 'preview', MIA);
      expect([add, change]).toEqual([[], []]);
    }
  });
});

describe('parseRuleDocument', () => {
  it.each([
    ['rules: [', 'neither YAML nor JSON'],
    ['schemaVersion: 2\nrules: []', 'schemaVersion'],
    ['schemaVersion: 1\nrules: [{name: x}]', 'rules.0.'],
    [printRuleDocument([QUIET, QUIET], 'yaml'), 'two rules are called "Checkout is quiet"'],
  ])('says where the mistake is: %j', (document, words) => {
    expect(() => parseRuleDocument(document)).toThrow(words);
  });
});
