import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Rejection } from '@sentinellog/shared';
import type { z } from 'zod';
import { type Journal, openJournal } from '../../src/journal/journal.ts';
import type { JournalFiles } from '../../src/journal/journal-files.ts';
import { ParsingSchema } from '../../src/config/parsing-settings.ts';
import { ReceiveSchema } from '../../src/config/receive-settings.ts';
import { Listeners } from '../../src/receive/listeners.ts';
import type { RefusedEvent } from '../../src/pipeline/refused-event.ts';
import { journalKey, type KeyRing } from '../../src/journal/key-ring.ts';
import type { KeyAllowance } from '../../src/receive/key-meters.ts';
import type { MemoryGuard } from '../../src/receive/memory-guard.ts';
import { REPEAT_WINDOW_BYTES, REPEAT_WINDOW_MS, Receivers } from '../../src/receive/receivers.ts';
import { NO_LIMITS } from '../../src/receive/testing/no-limits.ts';
import { SERVER_SETTINGS, onClientError } from '../../src/receive/server-settings.ts';
import { TextReadings } from '../../src/receive/text-readings.ts';
import { Replay } from '../../src/tally/replay.ts';
import type { ScannedBatch } from '../../src/tally/scanned-batch.ts';
import { Tally } from '../../src/tally/tally.ts';

const JOURNAL_KEYS: KeyRing = [journalKey(Buffer.alloc(32, 7))];
export const FRONT_KEY = 'slk_test';
export const REVOKED_KEY = 'slk_revoked';

export interface Front {
  readonly url: string;
  readonly tally: Tally;
  readonly journal: Journal;
  readonly replay: Replay;
  readonly rejections: Rejection[];
  readonly troubles: string[];
  readonly refused: RefusedEvent[];
  readonly listeners: Listeners<ScannedBatch>;
  close(): Promise<void>;
}

/** Receive, journal and tally wired as the agent wires them, without database, detector and API. */
export async function startFront(options: {
  readonly dir: string;
  readonly now: () => number;
  readonly port?: number;
  readonly files?: JournalFiles;
  readonly rawBytes?: number;
  readonly keyAllowance?: KeyAllowance;
  readonly memory?: MemoryGuard;
  readonly receive?: z.input<typeof ReceiveSchema>;
  readonly parsing?: z.input<typeof ParsingSchema>;
}): Promise<Front> {
  const { dir, now } = options;
  let ids = 0;
  const rejections: Rejection[] = [];
  const troubles: string[] = [];
  const journal = await openJournal({
    dir,
    segmentBytes: 64 * 1024 * 1024,
    maxBytes: 4 * 1024 * 1024 * 1024,
    retention: { keepMs: () => 30 * 86_400_000, longestKeepMs: () => 30 * 86_400_000 },
    maxPendingBytes: 64 * 1024 * 1024,
    minFreeBytes: 0,
    keys: JOURNAL_KEYS,
    isEncrypted: true,
    now,
    onCorruption: () => undefined,
    ...(options.files === undefined ? {} : { files: options.files }),
  });
  const tally = new Tally({
    maxSourcesPerTenant: 10_000,
    onClosed: () => undefined,
    onSource: () => undefined,
    isBlind: () => false,
  });
  const replay = new Replay(tally, journal);
  const readings = new TextReadings(ParsingSchema.parse(options.parsing ?? {}));
  const refused: RefusedEvent[] = [];
  const receivers = new Receivers({
    onRefused: (events) => refused.push(...events),
    readings,
    scanner: tally,
    journal,
    onDurable: (batch, endLsn) => replay.durable(batch, endLsn),
    authenticate: (key) => {
      if (key === FRONT_KEY) return { type: 'ok', keyId: 'test', tenant: 'default', pinnedService: null };
      return key === REVOKED_KEY ? { type: 'revoked' } : { type: 'unknown' };
    },
    onRejection: (rejection) => rejections.push(rejection),
    ...NO_LIMITS,
    ...(options.keyAllowance === undefined ? {} : { keyAllowance: options.keyAllowance }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    limits: { rawBytes: options.rawBytes ?? 16 * 1024 * 1024, decodedBytes: 64 * 1024 * 1024 },
    now,
    newId: () => `front-${++ids}`,
  });
  const recalled = await journal.positionAt(now() - REPEAT_WINDOW_MS, REPEAT_WINDOW_BYTES);
  await receivers.recallBatches(journal.read(recalled), now(), new AbortController().signal);
  const stopping = new AbortController();
  const replayed = replay.run(stopping.signal);

  const server = http.createServer(SERVER_SETTINGS, (request, response) => {
    if (!receivers.handle(request, response)) response.writeHead(404).end();
  });
  server.on(
    'clientError',
    onClientError(() => `front-${++ids}`),
  );
  await new Promise<void>((resolve) => {
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const listeners = new Listeners({
    settings: ReceiveSchema.parse(options.receive ?? {}),
    receivers,
    readings,
    onRejection: (rejection) => rejections.push(rejection),
    onFault: (error) => {
      throw error;
    },
    onTrouble: (message) => troubles.push(message),
    now,
    dataDir: dir,
    storedSince: async function* (sinceMs) {
      yield* journal.read(await journal.positionAt(sinceMs));
    },
  });
  await listeners.open();
  return {
    url: `http://127.0.0.1:${port}`,
    tally,
    journal,
    replay,
    rejections,
    troubles,
    refused,
    listeners,
    close: async () => {
      await listeners.close();
      receivers.stop();
      stopping.abort();
      await replayed;
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await journal.close();
    },
  };
}
