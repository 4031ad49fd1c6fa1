import { Counter, Gauge, Registry } from 'prom-client';

/** One series of a metric. Label values come from closed sets of ours, never from log data. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
/** What a metric reads when it is scraped: the hot path counts in plain numbers and knows nothing of Prometheus. */
export type Reading = () => number | readonly Sample[];

const PREFIX = 'sentinellog_';
/** A label that got out of hand must not take the scraper's memory along (reliability A14). */
const MAX_SERIES_PER_METRIC = 200;

/** The registry behind `/metrics`, in the Prometheus text format. Every name gets the prefix `sentinellog_`. */
export class Metrics {
  readonly #registry = new Registry();

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** @param name ends in `_total`; the reading only ever grows (a restart may set it back to 0). */
  counter(name: string, help: string, labelNames: readonly string[], read: Reading): void {
    const metric = new Counter({
      name: PREFIX + name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of samplesOf(read())) this.inc(labels, value);
      },
    });
    this.#registry.registerMetric(metric);
  }

  gauge(name: string, help: string, labelNames: readonly string[], read: Reading): void {
    const metric = new Gauge({
      name: PREFIX + name,
      help,
      labelNames: [...labelNames],
      registers: [],
      collect() {
        this.reset();
        for (const { labels, value } of samplesOf(read())) this.set(labels, value);
      },
    });
    this.#registry.registerMetric(metric);
  }
}

function samplesOf(reading: ReturnType<Reading>): readonly Sample[] {
  return typeof reading === 'number' ? [{ labels: {}, value: reading }] : reading.slice(0, MAX_SERIES_PER_METRIC);
}

/** `{ slow: 3, flood: 1 }` → one sample a key under `label`. */
export function samplesBy(label: string, counts: Readonly<Record<string, number>>): readonly Sample[] {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}
