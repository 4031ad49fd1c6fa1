/**
 * The whole agent as `sentinellog start` runs it, with a clock that its parent sets: every line on stdin is an offset
 * in milliseconds. Prints its URL when it is ready; ends on SIGTERM, and when its parent is gone.
 */
import { createInterface } from 'node:readline';
import { startAgent } from '../../src/agent.ts';
import { loadConfig } from '../../src/config/config.ts';
import { tuneHeapForManyBuffers } from '../../src/heap-settings.ts';
import { createLog } from '../../src/telemetry/log.ts';

const [dataDir, offset] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('usage: agent-with-clock.ts DIR [OFFSET_MS]');
tuneHeapForManyBuffers();
let offsetMs = Number(offset ?? 0);
const config = loadConfig({ env: process.env, overrides: { dataDir, listen: '127.0.0.1:0' } });
const agent = await startAgent(config, createLog(config.log.level), () => Date.now() + offsetMs);
process.stdout.write(`${JSON.stringify({ url: agent.url })}\n`);
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  offsetMs = Number(line);
});
await new Promise((resolve) => {
  process.once('SIGTERM', resolve);
  lines.once('close', resolve);
});
lines.close();
await agent.stop();
