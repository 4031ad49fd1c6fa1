import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HookRun, HookBodySchema, uuidv7 } from '@sentinellog/shared';
import { aHookRun } from '@sentinellog/shared/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore, type Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/store/testing/silent-log.ts';

const NOW = 1_767_229_200_000;
const BODY = HookBodySchema.parse({
  name: 'Restart the pool',
  effect: 'restart',
  url: 'https://ops.example.com/pool',
  body: '{}',
  cooldown_seconds: 0,
});

let dataDir: string;
let store: Store;
let entropy = 0;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sentinellog-hooks-'));
  store = await openStore({ config: { dataDir, database: {} }, log: silentLog, now: () => NOW });
  await store.restore();
});
afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

const newId = () => uuidv7(NOW, Buffer.alloc(10, ++entropy));

it('a run whose agent was killed in its middle does not run for ever, and one that is under way goes on', async () => {
  const table = store.hooks({ seal: () => new Uint8Array(), open: () => ({}) });
  const hook_id = newId();
  await table.create(hook_id, BODY, { actor: 'Mia', atMs: NOW });
  const run = (at_ms: number, state: HookRun['state']): HookRun => {
    return aHookRun({ run_id: newId(), hook_id, at_ms, state, status_code: null, answer: '', took_ms: null });
  };
  const [killed, over, underWay] = [90_000, 80_000, 10_000].map((ago) => run(NOW - ago, 'running'));
  for (const one of [killed, over, underWay]) await table.begin(one, `key-${one.run_id}`, 0);
  await table.finish({ ...over, state: 'succeeded', status_code: 200 });
  await table.endInterrupted(NOW - 60_000);
  const states = new Map((await table.runs(hook_id, 10)).map(({ run_id, state }) => [run_id, state]));
  expect([killed, over, underWay].map(({ run_id }) => states.get(run_id))).toEqual(['failed', 'succeeded', 'running']);
  expect((await table.runs(hook_id, 10)).find(({ run_id }) => run_id === killed.run_id)?.answer).toMatch(
    /the agent ended/,
  );
});
