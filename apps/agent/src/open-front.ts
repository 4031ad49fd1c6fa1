/** Where logs come in: the receivers with their limits, and what is kept of that which they refuse. */
import { randomBytes } from 'node:crypto';
import type { Rejection } from '@sentinellog/shared';
import type { Config } from './config/config.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import { idSequence } from './id-sequence.ts';
import type { Journal } from './journal/journal.ts';
import { collectGarbage, memoryOfThisProcess } from './process-memory.ts';
import { ConnectionLimits } from './receive/connection-limits.ts';
import { MemoryGuard } from './receive/memory-guard.ts';
import { Receivers, type ReceiversDeps, REPEAT_WINDOW_BYTES, REPEAT_WINDOW_MS } from './receive/receivers.ts';
import { TextReadings } from './receive/text-readings.ts';
import { RejectionLog } from './rejection-log.ts';
import type { Store } from './store/store.ts';
import { LineTap } from './tally/line-tap.ts';
import type { Replay } from './tally/replay.ts';
import type { ScannedBatch } from './tally/scanned-batch.ts';
import type { Tally } from './tally/tally.ts';
import type { Log } from './telemetry/log.ts';

export interface FrontParts {
  readonly config: Config;
  readonly now: () => number;
  readonly log: Log;
  readonly store: Pick<Store, 'addRefusedEvents'>;
  readonly journal: Journal;
  readonly tally: Tally;
  readonly replay: Replay;
  readonly authenticate: ReceiversDeps<ScannedBatch>['authenticate'];
  readonly onRejection: (rejection: Rejection) => void;
  /** What still goes on behind a start ends early. */
  readonly stopping: AbortSignal;
}

export type Front = Awaited<ReturnType<typeof openFront>>;

/**
 * Takes nothing yet. `recalled` resolves when it knows again the batches of the last minutes: a sender's retry across a
 * restart counts once, and waits until then.
 */
export async function openFront(parts: FrontParts) {
  const { config, now, log, store, journal, tally, replay, authenticate } = parts;
  const memory = new MemoryGuard({
    limitBytes: config.limits.memoryBytes ?? memoryOfThisProcess(),
    read: () => process.memoryUsage(),
    collect: collectGarbage,
    now: () => performance.now(),
  });
  const connections = new ConnectionLimits({
    maxPerAddress: config.limits.connectionsPerAddress,
    now: () => performance.now(),
  });
  const rejections = new RejectionLog();
  const onRejection = (rejection: Rejection): void => {
    rejections.add(rejection);
    parts.onRejection(rejection);
  };
  const deadLetters = new DeadLetterDesk({
    save: (letters) => store.addRefusedEvents(letters),
    onFailed: (err) => log.warn({ event: 'dead_letters.failed', err }, 'trying again later'),
  });
  const lineTap = new LineTap();
  const readings = new TextReadings(config.parsing);
  const receivers = new Receivers({
    scanner: tally,
    journal,
    onDurable: (batch, endLsn, record) => {
      lineTap.offer(record);
      replay.durable(batch, endLsn);
    },
    authenticate,
    onRejection,
    limits: { rawBytes: config.limits.bodyBytes, decodedBytes: config.limits.decompressedBytes },
    keyAllowance: {
      eventsPerSecond: config.limits.keyEventsPerSecond ?? null,
      bytesPerDay: config.limits.keyBytesPerDay ?? null,
    },
    memory,
    onRefused: (events) => deadLetters.add(events),
    readings,
    now,
    newId: idSequence(randomBytes),
  });
  const nowMs = now();
  const recallFrom = await journal.positionAt(nowMs - REPEAT_WINDOW_MS, REPEAT_WINDOW_BYTES);
  const recalled = receivers
    .recallBatches(journal.read(recallFrom), nowMs, parts.stopping)
    .catch((err: unknown) =>
      log.error({ event: 'recall.failed', err }, 'batches that come again from before the start may count twice'),
    );
  return { receivers, recalled, memory, connections, rejections, onRejection, deadLetters, lineTap, readings };
}
