import { setTimeout as sleep } from 'node:timers/promises';
import { AgentMessageSchema } from '@sentinellog/shared';
import { WebSocket } from 'ws';
import type { AgentTarget } from '../agent-target.ts';
import { type AgentSection, loadOn } from '../section.ts';
import { BATCHED } from './p1-batches.ts';

/** Each probe is a service of its own that fails once: an anomaly that is open already would not be told again. */
const PROBES = 24;
/** Enough steady seconds for a baseline that scores. */
const HISTORY_SECONDS = 2 * 3600;
const ERRORS = 400;
const BETWEEN_PROBES_MS = 400;
const NOTICED_WITHIN_MS = 15_000;
/** Half of the goal of P1 where this run has not measured it. */
const USUAL_EVENTS_PER_SECOND = 1_500_000;

/**
 * P4: from the sending of the events that cross the line to the anomaly's message at a WebSocket client, while the
 * agent takes in half of what P1 has shown.
 */
export const measureAlarm: AgentSection = async ({ p1EventsPerSecond, progress }, agent) => {
  progress(`P4: two hours of history for ${PROBES} services`);
  await sendHistory(agent);
  const watch = await Watch.open(agent);
  try {
    progress('P4: alarms under half of the load of P1');
    const events = (p1EventsPerSecond || USUAL_EVENTS_PER_SECOND) / 2;
    const requestsPerSecond = Math.round(events / BATCHED.eventsPerBatch);
    const seconds = (PROBES * BETWEEN_PROBES_MS + NOTICED_WITHIN_MS) / 1000;
    const background = loadOn(agent, { ...BATCHED, requestsPerSecond }, seconds);
    await sleep(1000);
    const latencies: number[] = [];
    let missed = 0;
    for (let probe = 0; probe < PROBES; probe++) {
      const noticed = watch.anomalyOf(probeName(probe));
      const sentAt = performance.now();
      await send(agent, failingEvents(probe));
      const at = await Promise.race([noticed, sleep(NOTICED_WITHIN_MS, undefined)]);
      if (at === undefined) missed++;
      else latencies.push(at - sentAt);
      await sleep(BETWEEN_PROBES_MS);
    }
    const { failures } = await background;
    const sorted = latencies.toSorted((a, b) => a - b);
    return {
      p4_alarm_p50_ms: sorted[Math.floor((sorted.length - 1) * 0.5)],
      p4_alarm_p99_ms: sorted.at(-1),
      p4_probes_noticed: latencies.length,
      p4_probes_missed: missed,
      p4_failed_requests: failures,
    };
  } finally {
    watch.close();
  }
};

function probeName(probe: number): string {
  return `probe-${probe}`;
}

async function sendHistory(agent: AgentTarget): Promise<void> {
  const nowSecond = Math.floor(Date.now() / 1000);
  const lines: string[] = [];
  for (let second = nowSecond - HISTORY_SECONDS; second < nowSecond; second++) {
    const timestamp = new Date(second * 1000).toISOString();
    for (let probe = 0; probe < PROBES; probe++) {
      lines.push(JSON.stringify({ timestamp, service: probeName(probe), level: 'INFO', message: 'request handled' }));
    }
    if (lines.length < 20_000 && second < nowSecond - 1) continue;
    await send(agent, lines.splice(0).join('\n'));
  }
}

function failingEvents(probe: number): string {
  const timestamp = new Date().toISOString();
  const line = JSON.stringify({ timestamp, service: probeName(probe), level: 'ERROR', message: 'pool exhausted' });
  return `${line}\n`.repeat(ERRORS);
}

async function send(agent: AgentTarget, body: string): Promise<void> {
  const headers = { 'x-sentinel-key': agent.key, 'content-type': 'application/x-ndjson' };
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(`${agent.url}/v1/ingest`, { method: 'POST', headers, body, signal });
  if (response.status !== 202) throw new Error(`the agent answered ${response.status}: ${await response.text()}`);
}

/** A console's connection. */
class Watch {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (at: number) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const at = performance.now();
      const message = AgentMessageSchema.parse(JSON.parse(data.toString()));
      if (message.type === 'anomaly') this.#waiting.get(message.anomaly.service)?.(at);
    });
  }

  static async open(agent: AgentTarget): Promise<Watch> {
    const socket = new WebSocket(`${agent.url.replace('http', 'ws')}/v1/stream`);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.send(JSON.stringify({ type: 'hello', protocol: 1, token: agent.adminToken }));
    socket.send(JSON.stringify({ type: 'subscribe', id: 'bench', topic: 'anomalies' }));
    return new Watch(socket);
  }

  /** When the first message about it comes. */
  anomalyOf(service: string): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting.set(service, resolve);
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}
