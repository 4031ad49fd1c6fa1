/**
 * One Socket Mode connection in a thread of its own. The library can end in an unhandled rejection (reliability §0.8);
 * here that ends this thread and nothing else, and slack-socket.ts starts the next one. For the same reason the library
 * never reconnects by itself: its pauses have no cap.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { SocketModeClient } from '@slack/socket-mode';
import { SILENT } from './slack-client.ts';
import type { SlackSocketMessage, SlackSocketSettings } from './slack-socket-messages.ts';

const CALL_TIMEOUT_MS = 10_000;

const { appToken, apiUrl } = workerData as SlackSocketSettings;
const say = (message: SlackSocketMessage) => parentPort?.postMessage(message, []);

const client = new SocketModeClient({
  appToken,
  autoReconnectEnabled: false,
  logger: SILENT,
  clientOptions: { slackApiUrl: apiUrl, timeout: CALL_TIMEOUT_MS, retryConfig: { retries: 0 } },
});
client.on('connected', () => say({ type: 'up' }));
client.on('disconnected', () => say({ type: 'down', detail: 'disconnected' }));
client.on('interactive', ({ ack, body }: { ack: () => Promise<void>; body: unknown }) => {
  // First the answer: Slack waits three seconds for it.
  ack()
    .then(() => say({ type: 'click', payload: body }))
    .catch((error: unknown) => say({ type: 'down', detail: nameOf(error) }));
});

try {
  await client.start();
} catch (error) {
  say({ type: 'down', detail: nameOf(error) });
}

/** Codes and names only: messages of the library hold addresses with a ticket in them. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  return 'data' in error ? String((error.data as { error?: unknown }).error) : error.name;
}
