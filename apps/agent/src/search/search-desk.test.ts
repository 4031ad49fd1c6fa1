import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { SearchDesk } from './search-desk.ts';
import type { ExportTask } from './search-task.ts';
import type { TaskRun } from './task-run.ts';
import type { FakeJournal } from './testing/fake-thread.ts';

const ENTRY = new URL('testing/fake-thread.ts', import.meta.url);
const TASK: ExportTask = {
  type: 'export',
  format: 'ndjson',
  isGzipped: false,
  query: { type: 'any' },
  fromMs: 0,
  toMs: 8e15,
  tenant: 'default',
  services: null,
  keptSince: { bySource: new Map(), othersMs: 0 },
};
const FOREVER: FakeJournal = { blocks: 1e9, blockMs: 1 };

const opened: SearchDesk<FakeJournal>[] = [];
function aDesk(journal: () => FakeJournal, threads = 2, maxWaiting = 1): SearchDesk<FakeJournal> {
  const desk = new SearchDesk({ entry: ENTRY, journal, threads, maxWaiting });
  opened.push(desk);
  return desk;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((desk) => desk.close()));
});

const nobodyLeaves = new AbortController().signal;

async function eventsOf(run: TaskRun): Promise<number> {
  const pieces = run.pieces();
  for (;;) {
    const next = await pieces.next();
    if (next.done === true) return next.value.events;
  }
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(5);
}

describe('search desk', () => {
  it('runs as many as there are threads, lets a few wait and refuses the rest', async () => {
    let journal = FOREVER;
    const desk = aDesk(() => journal);
    const gone = new AbortController();
    await desk.start(TASK, gone.signal);
    await desk.start(TASK, nobodyLeaves);
    const third = desk.start(TASK, nobodyLeaves);
    expect(desk.readings()).toEqual({ running: 2, waiting: 1 });
    await expect(desk.start(TASK, nobodyLeaves)).rejects.toMatchObject({ code: 'rate_limited' });
    journal = { blocks: 9 };
    gone.abort();
    expect(await eventsOf(await third)).toBe(9);
    expect(desk.outcomes).toMatchObject({ cancelled: 1, refused: 1, complete: 1 });
  });

  it('frees a thread whose reader is gone, and uses it again', async () => {
    let journal = FOREVER;
    const desk = aDesk(() => journal, 1, 0);
    for (let n = 1; n <= 3; n++) {
      journal = FOREVER;
      const gone = new AbortController();
      const run = await desk.start(TASK, gone.signal);
      await run.pieces().next();
      gone.abort();
      await until(() => desk.readings().running === 0);
      journal = { blocks: 2 };
      expect(await eventsOf(await desk.start(TASK, nobodyLeaves))).toBe(2);
      expect(desk.outcomes).toMatchObject({ cancelled: n, complete: n, failed: 0 });
    }
  });

  it('gives the turn of one who left the queue to the next', async () => {
    const desk = aDesk(() => FOREVER, 1, 2);
    const first = new AbortController();
    await desk.start(TASK, first.signal);
    const leaving = new AbortController();
    const left = desk.start(TASK, leaving.signal);
    const next = desk.start(TASK, nobodyLeaves);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'shutting_down' });
    first.abort();
    await next;
    expect(desk.readings()).toEqual({ running: 1, waiting: 0 });
  });

  it('searches no further than its reader reads', async () => {
    const desk = aDesk(() => ({ blocks: 100 }), 1, 0);
    const run = await desk.start(TASK, nobodyLeaves);
    // Long enough to search it all several times over.
    await sleep(1000);
    expect(desk.readings().running).toBe(1);
    expect(await eventsOf(run)).toBe(100);
  });

  it('says so when a thread dies, and takes a new one', async () => {
    let journal: FakeJournal = { blocks: 10, diesAt: 3 };
    const desk = aDesk(() => journal, 1, 0);
    await expect(eventsOf(await desk.start(TASK, nobodyLeaves))).rejects.toThrow('the searching thread was ended');
    journal = { blocks: 3 };
    expect(await eventsOf(await desk.start(TASK, nobodyLeaves))).toBe(3);
    expect(desk.outcomes).toMatchObject({ failed: 1, complete: 1 });
  });

  it('ends everything when it is closed', async () => {
    const desk = aDesk(() => FOREVER, 1, 1);
    const run = await desk.start(TASK, nobodyLeaves);
    const waiting = desk.start(TASK, nobodyLeaves);
    await Promise.all([desk.close(), expect(waiting).rejects.toMatchObject({ code: 'shutting_down' })]);
    await expect(eventsOf(run)).rejects.toThrow('ended');
    expect(desk.readings().running).toBe(0);
  });
});
