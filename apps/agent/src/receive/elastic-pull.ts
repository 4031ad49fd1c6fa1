import { createHash, randomUUID } from 'node:crypto';
import { readFile, writeFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import type { PullSettings } from '../config/receive-settings.ts';
import { readBounded } from './bounded-answer.ts';
import type { Scanned } from './intake.ts';
import type { LineDeps } from './line-deps.ts';
import type { StoredSince } from './position-book.ts';

/** Ids remembered over the look-back; beyond it the oldest are forgotten, and counted. */
const MAX_SEEN = 200_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** A point in time is kept so much longer than one page takes. */
const KEEP_ALIVE = '2m';
const FIRST_BACK_OFF_MS = 1000;
const MAX_BACK_OFF_MS = 60_000;
const JOURNAL_MARGIN_MS = 5000;

const BookSchema = z.object({
  version: z.literal(1),
  /** Event time (Unix ms) of the newest document that was stored. */
  newestMs: z.number(),
  /** Hashes of what was stored within the look-back, with their event times. */
  seen: z.array(z.tuple([z.string(), z.number()])),
  /** A page that was on its way to the journal when the book was written. */
  pending: z
    .object({ batchId: z.string(), atMs: z.number(), documents: z.array(z.tuple([z.string(), z.number()])) })
    .nullable(),
});
type Book = z.infer<typeof BookSchema>;

const HitSchema = z
  .object({
    _index: z.string(),
    _id: z.string(),
    _source: z.record(z.string(), z.unknown()),
    sort: z.array(z.unknown()),
  })
  .transform(({ _index: index, _id: id, _source: source, sort }) => ({ index, id, source, sort }));
const AnswerSchema = z
  .object({
    timed_out: z.boolean(),
    _shards: z.object({ failed: z.number() }),
    pit_id: z.string().optional(),
    hits: z.object({ hits: z.array(HitSchema) }),
  })
  .transform(({ timed_out, _shards: shards, pit_id, hits }) => ({
    isWhole: !timed_out && shards.failed === 0,
    pit: pit_id,
    hits: hits.hits,
  }));
type Hit = z.output<typeof HitSchema>;

const InfoSchema = z.object({ version: z.object({ distribution: z.string().optional() }) });
const PitSchema = z.union([
  z.object({ id: z.string() }),
  z.object({ pit_id: z.string() }).transform(({ pit_id }) => ({ id: pit_id })),
]);

/** The other side does not answer, or not as it should; it is asked again later. */
class PullFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PullFailed';
  }
}

/**
 * Reads new documents of Elasticsearch or OpenSearch, page by page over a point in time (`search_after`), again and again. Documents become
 * visible later than their time says, so each poll looks back, and what was stored before is known by its id: each is
 * counted once, also across a crash, for a page's ids are written down before the page and the journal says whether it was stored.
 */
export class ElasticPull<Batch extends Scanned> {
  readonly #settings: PullSettings;
  readonly #bookPath: string;
  readonly #deps: LineDeps<Batch>;
  readonly #onTrouble: (message: string) => void;
  readonly #stopping = new AbortController();
  readonly #seen = new Map<string, number>();
  #newestMs = 0;
  /** Known from the first poll on. */
  #isOpenSearch = false;
  #isKnown = false;
  #running: Promise<void> = Promise.resolve();

  constructor(settings: PullSettings, bookPath: string, deps: LineDeps<Batch>, onTrouble: (message: string) => void) {
    this.#settings = settings;
    this.#bookPath = bookPath;
    this.#deps = deps;
    this.#onTrouble = onTrouble;
  }

  /** Throws when the book of positions is damaged. */
  async start(storedSince: StoredSince): Promise<void> {
    await this.#restore(storedSince);
    this.#running = this.#pollAgain().catch(this.#deps.onFault);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #pollAgain(): Promise<void> {
    const { signal } = this.#stopping;
    let backOffMs = FIRST_BACK_OFF_MS;
    while (!signal.aborted) {
      let pauseMs = this.#settings.pollSeconds * 1000;
      try {
        await this.#poll();
        backOffMs = FIRST_BACK_OFF_MS;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PullFailed)) throw error;
        this.#deps.count('elasticsearch_failed');
        this.#onTrouble(error.message);
        pauseMs = backOffMs;
        backOffMs = Math.min(backOffMs * 2, MAX_BACK_OFF_MS);
      }
      await this.#deps.sleep(pauseMs, signal);
    }
  }

  async #poll(): Promise<void> {
    const { lookbackMinutes, timeField, pageSize } = this.#settings;
    const { now, ended } = this.#deps;
    const lookbackMs = lookbackMinutes * 60_000;
    const fromMs = (this.#newestMs === 0 ? now() : Math.min(this.#newestMs, now())) - lookbackMs;
    this.#forgetBefore(fromMs - lookbackMs);
    if (!this.#isKnown) {
      const { version } = await this.#call('GET', '', undefined, InfoSchema);
      this.#isOpenSearch = version.distribution === 'opensearch';
      this.#isKnown = true;
    }
    let pit = await this.#openPit();
    try {
      for (let after: unknown[] | undefined; !ended.aborted && !this.#stopping.signal.aborted; ) {
        const answer = await this.#call(
          'POST',
          '_search',
          {
            size: pageSize,
            query: { range: { [timeField]: { gte: fromMs, format: 'epoch_millis' } } },
            // OpenSearch knows no shard document; there ids may be sorted by.
            sort: [
              { [timeField]: { order: 'asc', format: 'strict_date_optional_time_nanos' } },
              this.#isOpenSearch ? { _id: 'asc' } : { _shard_doc: 'asc' },
            ],
            pit: { id: pit, keep_alive: KEEP_ALIVE },
            track_total_hits: false,
            ...(after !== undefined && { search_after: after }),
          },
          AnswerSchema,
        );
        if (!answer.isWhole) {
          throw new PullFailed('the search did not reach all shards; nothing of the page was taken');
        }
        const { hits } = answer;
        await this.#store(hits);
        pit = answer.pit ?? pit;
        after = hits.at(-1)?.sort;
        if (hits.length < pageSize) return;
      }
    } finally {
      await this.#closePit(pit);
    }
  }

  async #store(hits: readonly Hit[]): Promise<void> {
    const { key } = this.#settings;
    const { deliverer, readings, now, ended } = this.#deps;
    const fresh = hits
      .map((hit) => ({ hit, id: idOf(hit), ms: this.#timeOf(hit) }))
      .filter(({ id }) => !this.#seen.has(id));
    if (fresh.length === 0) return;
    const lines = fresh.map(({ hit }) => `${JSON.stringify(hit.source)}\n`).join('');
    const documents = fresh.map(({ id, ms }): [string, number] => [id, ms]);
    const pending = { batchId: `pull:${randomUUID()}`, atMs: now(), documents };
    await this.#save(pending);
    const nowMs = now();
    const pinned = deliverer.callerOf(key)?.pinnedService ?? null;
    const delivered = await deliverer.deliver(
      {
        protocol: 'elasticsearch',
        remote: new URL(this.#settings.url).host,
        key,
        batchId: pending.batchId,
        format: 'mapped-json',
        bytes: Buffer.concat([readings.documents(pinned, nowMs, this.#settings.timeField), Buffer.from(lines)]),
      },
      ended,
    );
    if (delivered === 'refused_key' || delivered === 'given_up')
      throw new PullFailed(`nothing was stored: ${delivered}`);
    this.#remember(documents);
    await this.#save(null);
  }

  #timeOf({ sort }: Hit): number {
    const [time] = sort;
    const ms = typeof time === 'number' ? time : Date.parse(String(time));
    return Number.isNaN(ms) ? this.#deps.now() : ms;
  }

  #remember(documents: readonly (readonly [string, number])[]): void {
    for (const [id, ms] of documents) {
      this.#seen.set(id, ms);
      // A document from the future must not make the next poll begin there.
      this.#newestMs = Math.max(this.#newestMs, Math.min(ms, this.#deps.now()));
    }
    for (const id of this.#seen.keys()) {
      if (this.#seen.size <= MAX_SEEN) return;
      this.#seen.delete(id);
      this.#deps.count('elasticsearch_forgotten');
    }
  }

  #forgetBefore(ms: number): void {
    for (const [id, seenMs] of this.#seen) if (seenMs < ms) this.#seen.delete(id);
  }

  async #restore(storedSince: StoredSince): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#bookPath, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      throw error;
    }
    const { newestMs, seen, pending } = parsedBook(text, this.#bookPath);
    this.#newestMs = newestMs;
    for (const [id, ms] of seen) this.#seen.set(id, ms);
    if (pending === null) return;
    for await (const { record } of storedSince(pending.atMs - JOURNAL_MARGIN_MS)) {
      if (record.batchId !== pending.batchId) continue;
      this.#remember(pending.documents);
      return;
    }
  }

  async #save(pending: Book['pending']): Promise<void> {
    const book: Book = { version: 1, newestMs: this.#newestMs, seen: [...this.#seen], pending };
    const beside = `${this.#bookPath}.new`;
    try {
      await writeFile(beside, JSON.stringify(book), { mode: 0o600, flush: true });
      await rename(beside, this.#bookPath);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      throw new PullFailed(`${this.#bookPath} cannot be written (${String(error.code)})`, { cause: error });
    }
  }

  async #openPit(): Promise<string> {
    const indices = this.#settings.indices.map(encodeURIComponent).join(',');
    const path = this.#isOpenSearch ? '_search/point_in_time' : '_pit';
    const query = `keep_alive=${KEEP_ALIVE}`;
    return (await this.#call('POST', `${indices}/${path}?${query}`, undefined, PitSchema)).id;
  }

  /** It ends by itself; closing it is good manners, and no reason to fail. */
  async #closePit(pit: string): Promise<void> {
    const [path, body] = this.#isOpenSearch ? ['_search/point_in_time', { pit_id: [pit] }] : ['_pit', { id: pit }];
    try {
      await this.#call('DELETE', path, body, z.unknown());
    } catch (error) {
      if (!(error instanceof PullFailed)) throw error;
      this.#deps.count('elasticsearch_pit_left');
    }
  }

  async #call<Schema extends z.ZodType>(
    method: string,
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.output<Schema>> {
    const { url, timeoutSeconds } = this.#settings;
    const target = `${url.replace(/\/+$/, '')}/${path}`;
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutSeconds * 1000), this.#deps.ended]);
    let text: string;
    try {
      const response = await fetch(target, {
        method,
        headers: { ...this.#credentials(), ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal,
      });
      text = await readBounded(response, MAX_ANSWER_BYTES);
      if (!response.ok) throw new PullFailed(`${method} ${new URL(target).pathname} answered ${response.status}`);
    } catch (error) {
      if (error instanceof PullFailed) throw error;
      const why = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : '';
      throw new PullFailed(`${new URL(url).host} cannot be asked: ${why}`, { cause: error });
    }
    const answer = schema.safeParse(jsonOf(text));
    if (answer.success) return answer.data;
    throw new PullFailed(`${method} ${new URL(target).pathname} answered what Elasticsearch would not`);
  }

  #credentials(): Record<string, string> {
    const { apiKey, username, password } = this.#settings;
    if (apiKey !== undefined) return { authorization: `ApiKey ${apiKey}` };
    if (username === undefined) return {};
    return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
  }
}

function idOf({ index, id }: Hit): string {
  return createHash('sha256').update(`${index}\0${id}`).digest('base64').slice(0, 16);
}

function parsedBook(text: string, path: string): Book {
  const parsed = BookSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} is damaged; remove it to read the last minutes again`);
}

/** Undefined when it is not JSON; the schema that follows says what should have been there. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
