/** Log traffic over the agent's real HTTP API, as a shipper sends it. */
import type { RunningAgent } from './start-agent.ts';

export interface LogLine {
  readonly timestamp: string;
  readonly service: string;
  readonly level: string;
  readonly message: string;
  readonly trace_id?: string;
}

export interface IngestResult {
  readonly status: number;
  readonly body: { readonly accepted?: number; readonly rejected?: number; readonly code?: string };
}

/** One POST of newline-delimited JSON, or of `text` as it is. */
export async function sendLogs(
  agent: Pick<RunningAgent, 'url' | 'ingestKey'>,
  lines: readonly LogLine[] | string,
  key = agent.ingestKey,
): Promise<IngestResult> {
  const response = await fetch(`${agent.url}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'x-sentinel-key': key },
    body: typeof lines === 'string' ? lines : lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, body: (await response.json()) as IngestResult['body'] };
}

const MESSAGES = [
  'charge authorised for order',
  'order accepted, reserving stock for order',
  'cache miss, reading the catalogue for order',
  'sent confirmation mail for order',
];

/** A line as a shop's service writes it; `number` makes it one of a kind. */
export function logLine(service: string, atMs: number, number: number): LogLine {
  const failed = number % 97 === 0;
  return {
    timestamp: new Date(atMs).toISOString(),
    service,
    level: failed ? 'error' : 'info',
    message: failed ? `card declined for order ${number}` : `${MESSAGES[number % MESSAGES.length]} ${number}`,
  };
}

const BATCH = 5000;

/**
 * `seconds` of steady past traffic up to now, so that the baseline is learnt. The rate sways a little, as real traffic
 * does: a perfectly even past would make every small change look like news.
 */
export async function sendHistory(
  agent: RunningAgent,
  services: readonly string[],
  { seconds, perSecond }: { readonly seconds: number; readonly perSecond: number },
): Promise<void> {
  const endMs = Date.now();
  let lines: LogLine[] = [];
  let number = 0;
  for (let second = seconds; second > 0; second--) {
    const events = Math.max(1, Math.round(perSecond + 2 * Math.sin(second / 7) + 1.5 * Math.sin(second * 2.3)));
    for (const service of services) {
      for (let event = 0; event < events; event++) {
        lines.push(logLine(service, endMs - second * 1000 + Math.floor((event * 1000) / events), ++number));
      }
    }
    if (lines.length >= BATCH || second === 1) {
      const { status } = await sendLogs(agent, lines);
      if (status !== 202) throw new Error(`history was answered ${status}, not 202`);
      lines = [];
    }
  }
}

export interface LiveTraffic {
  /** Lines a second for one service from now on. */
  setRate(service: string, perSecond: number): void;
  /** A failed send is thrown here unless the agent was meant to be away. */
  stop(): Promise<void>;
}

const TICK_MS = 200;

/** Steady live traffic until it is stopped. An agent that does not answer is skipped, as a shipper without a buffer would. */
export function liveTraffic(agent: RunningAgent, services: readonly string[], perSecond: number): LiveTraffic {
  const rates = new Map(services.map((service) => [service, perSecond]));
  const owed = new Map(services.map((service) => [service, 0]));
  let number = 1_000_000;
  const stop = new AbortController();
  let lastMs = Date.now();
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const nowMs = Date.now();
      const lines: LogLine[] = [];
      for (const [service, rate] of rates) {
        const due = (owed.get(service) ?? 0) + (rate * (nowMs - lastMs)) / 1000;
        for (let event = 0; event < Math.floor(due); event++) lines.push(logLine(service, nowMs, ++number));
        owed.set(service, due % 1);
      }
      lastMs = nowMs;
      if (lines.length > 0) await sendLogs(agent, lines).catch(() => undefined);
    }
  };
  const done = loop();
  return {
    setRate: (service, rate) => void rates.set(service, rate),
    stop: () => {
      stop.abort();
      return done;
    },
  };
}
