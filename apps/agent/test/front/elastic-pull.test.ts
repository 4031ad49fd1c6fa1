import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Front, startFront } from './front.ts';

const SearchSchema = z.object({
  size: z.number(),
  query: z.object({ range: z.record(z.string(), z.object({ gte: z.number() })) }),
  pit: z.object({ id: z.string() }),
  search_after: z.tuple([z.string(), z.number()]).optional(),
});

/** What the reader needs of Elasticsearch, spoken over HTTP: points in time, sorted pages, failures. */
class FakeElastic {
  readonly documents: { readonly id: string; readonly source: Record<string, unknown> }[] = [];
  readonly requests: string[] = [];
  failures = 0;
  failedShards = 0;
  openPits = 0;
  distribution: string | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
        if (this.failures > 0) {
          this.failures--;
          response.writeHead(503).end('{}');
          return;
        }
        const body = Buffer.concat(chunks).toString();
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(this.#answer(request.method ?? '', request.url ?? '', body)));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  add(from: number, to: number, ageMs = 10_000): void {
    for (let n = from; n < to; n++) {
      const source = {
        '@timestamp': new Date(Date.now() - ageMs + n).toISOString(),
        service: { name: 'checkout' },
        level: 'error',
        message: `order ${n} failed`,
        duration_ms: 12,
        trace: { id: `t${n}` },
      };
      this.documents.push({ id: `d${n}`, source });
    }
  }

  #answer(method: string, url: string, body: string): unknown {
    if (method === 'GET') return { version: { distribution: this.distribution } };
    if (method === 'DELETE') {
      this.openPits--;
      return { succeeded: true };
    }
    if (!url.startsWith('/_search')) {
      this.openPits++;
      return this.distribution === 'opensearch' ? { pit_id: 'pit' } : { id: 'pit' };
    }
    const { size, query, search_after: after } = SearchSchema.parse(JSON.parse(body));
    const fromMs = query.range['@timestamp'].gte;
    const sorted = this.documents
      .map(({ id, source }, at) => ({
        _index: 'app-logs',
        _id: id,
        _source: source,
        sort: [String(source['@timestamp']), at] as const,
      }))
      .filter(({ sort: [time] }) => Date.parse(time) >= fromMs)
      .toSorted((a, b) => (a.sort[0] === b.sort[0] ? a.sort[1] - b.sort[1] : a.sort[0] < b.sort[0] ? -1 : 1));
    const from =
      after === undefined ? 0 : sorted.findIndex(({ sort }) => sort[0] === after[0] && sort[1] === after[1]) + 1;
    return {
      timed_out: false,
      _shards: { failed: this.failedShards },
      hits: { hits: sorted.slice(from, from + size) },
    };
  }
}

let dir: string;
let elastic: FakeElastic;
let url: string;
let front: Front | undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'pull-'));
  elastic = new FakeElastic();
  url = await elastic.start();
});
afterEach(async () => {
  await front?.close();
  front = undefined;
  await elastic.stop();
  rmSync(dir, { recursive: true });
});

async function open(): Promise<void> {
  const pull = { url, indices: ['app-logs-all', 'app-*'], pollSeconds: 0.1, pageSize: 100, apiKey: 'secret' };
  front = await startFront({ dir, now: Date.now, receive: { elasticsearch: [pull] } });
}
const bookFile = () => join(dir, readdirSync(dir).find((name) => /^pull-.*\.json$/.test(name))!);
const counted = (events: number) =>
  expect.poll(() => front!.tally.counters['accepted'], { timeout: 10_000, interval: 20 }).toBe(events);

describe('reading from Elasticsearch', () => {
  it('takes every document once, page by page, also those that come late', async () => {
    elastic.add(0, 350);
    await open();
    await counted(350);
    elastic.add(350, 360);
    elastic.add(360, 365, 200_000);
    await counted(365);
    await expect.poll(() => elastic.openPits).toBeLessThanOrEqual(1);
    expect(elastic.requests).toContain('POST /app-logs-all,app-*/_pit?keep_alive=2m ApiKey secret');
    expect(front!.tally.sources.map(({ service }) => service)).toEqual(['checkout']);
    expect(front!.tally.counters).toMatchObject({ clamped: 0, rejected: 0 });
  });

  it('knows after a restart what it has read', async () => {
    elastic.add(0, 120);
    await open();
    await counted(120);
    await front!.close();
    elastic.add(120, 130);
    await open();
    await counted(130);
  });

  it('asks the journal what became of the page it died with', async () => {
    elastic.add(0, 50);
    await open();
    await counted(50);
    await front!.close();
    front = undefined;
    const records = [];
    await open();
    for await (const { record } of front!.journal.read(0)) records.push(record);
    await front!.close();
    front = undefined;
    // As if the process had died between the journal and the book.
    const book = JSON.parse(readFileSync(bookFile(), 'utf8'));
    const [first] = records;
    const pending = { batchId: first.batchId, atMs: first.receivedAtMs, documents: book.seen };
    writeFileSync(bookFile(), JSON.stringify({ ...book, newestMs: 0, seen: [], pending }));
    elastic.add(50, 60);
    await open();
    await counted(60);
  });

  it('speaks to OpenSearch in its own words', async () => {
    elastic.distribution = 'opensearch';
    elastic.add(0, 10);
    await open();
    await counted(10);
    expect(elastic.requests.join('\n')).toContain('POST /app-logs-all,app-*/_search/point_in_time?keep_alive=2m');
  });

  it('waits and goes on when it does not answer, and never repeats the key', async () => {
    elastic.add(0, 10);
    elastic.failures = 1;
    await open();
    await counted(10);
    expect(front!.troubles.join()).toContain('GET / answered 503');
    expect(front!.troubles.join()).not.toContain('secret');
    expect(front!.listeners.counts).toMatchObject({ elasticsearch_failed: 1 });
  });
});
