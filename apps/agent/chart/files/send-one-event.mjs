// `helm test`: sends one event to the agent and reads it back. Arguments: the agent's URL, its credentials.json.
import { readFileSync } from 'node:fs';

const SERVICE = 'sentinellog-helm-test';
const TIMEOUT_MS = 10_000;
const [url, credentialsFile] = process.argv.slice(2);
const { ingestKey, adminToken } = JSON.parse(readFileSync(credentialsFile, 'utf8'));

async function call(path, options) {
  const response = await fetch(new URL(path, url), { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

async function eventsOfTheLastMinutes() {
  const query = new URLSearchParams({
    source: SERVICE,
    from: String(Date.now() - 300_000),
    to: String(Date.now() + 60_000),
  });
  const { total_events } = await call(`/v1/heartbeats?${query}`, {
    headers: { Authorization: `Bearer ${adminToken}` },
  });
  return total_events;
}

const event = { timestamp: new Date().toISOString(), service: SERVICE, level: 'INFO', message: 'helm test' };
const answer = await call('/v1/ingest', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'X-Sentinel-Key': ingestKey },
  body: JSON.stringify(event),
});
if (answer.accepted !== 1) throw new Error(`the agent did not accept the event: ${JSON.stringify(answer)}`);
const found = await eventsOfTheLastMinutes();
if (found < 1) throw new Error('the agent accepted the event but does not show it');
console.log(`sent one event, read back ${found} of the last five minutes`);
