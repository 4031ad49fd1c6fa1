import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as timeout } from 'node:timers/promises';
import type { Rejection } from '@sentinellog/shared';
import type { ReceiveSettings } from '../config/receive-settings.ts';
import { Deliverer } from './deliver.ts';
import { ElasticPull } from './elastic-pull.ts';
import { FileTails, serviceOfFile, serviceOfPod, type Tail } from './file-tails.ts';
import type { Scanned } from './intake.ts';
import { type OpenLane, openLane } from './lane.ts';
import type { LineDeps } from './line-deps.ts';
import { openOtlpGrpc } from './otlp-grpc.ts';
import { readLineStream } from './line-stream.ts';
import { PositionBook, type StoredSince } from './position-book.ts';
import type { Receivers } from './receivers.ts';
import { RelpConnection } from './relp.ts';
import { openSyslogDatagrams } from './syslog-datagrams.ts';
import { SyslogStream } from './syslog-stream.ts';
import type { TextReadings } from './text-readings.ts';

/** Batches on their way when the agent stops have so long to reach the disk. */
const LAST_BATCHES_MS = 6000;

export interface ListenersDeps<Batch extends Scanned> {
  readonly settings: ReceiveSettings;
  readonly receivers: Receivers<Batch>;
  readonly readings: TextReadings;
  readonly onRejection: (rejection: Rejection) => void;
  readonly onFault: (error: unknown) => void;
  /** Something outside does not answer as it should; it is tried again. */
  readonly onTrouble: (message: string) => void;
  readonly now: () => number;
  /** Where positions in files are kept. */
  readonly dataDir: string;
  /** Batches of the journal since a time: they say how far files and indices were read. */
  readonly storedSince: StoredSince;
}

/** Ports of protocols that do not come over HTTP/1.1. One file a protocol; `open` names them all. */
export class Listeners<Batch extends Scanned> {
  readonly #deps: ListenersDeps<Batch>;
  readonly #counts = new Map<string, number>();
  readonly #open = new Map<string, OpenLane>();
  readonly #ended = new AbortController();
  readonly #pulls: ElasticPull<Batch>[] = [];
  #stdin: Promise<void> | undefined;
  #tails: FileTails<Batch> | undefined;
  #kernelDrops: () => number = () => 0;
  readonly line: LineDeps<Batch>;

  constructor(deps: ListenersDeps<Batch>) {
    this.#deps = deps;
    const { receivers, readings, onRejection, onFault, now } = deps;
    const { intake, authenticate } = receivers.parts;
    this.line = {
      deliverer: new Deliverer({ intake, authenticate, onRejection, now, sleep: pause }),
      readings,
      now,
      onFault,
      sleep: pause,
      ended: this.#ended.signal,
      count: (reason, amount = 1) => this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + amount),
    };
  }

  /** Throws, with the protocol, where one of the ports cannot be had. */
  async open(): Promise<void> {
    const { settings, receivers } = this.#deps;
    const { line } = this;
    const { syslog, relp, grpc } = settings;
    const { tcp, udp, tls } = syslog;
    await this.#lane('syslog-tcp', tcp, (lane) =>
      openLane(lane, false, line.count, (socket) => new SyslogStream('syslog-tcp', socket, lane, line)),
    );
    await this.#lane('syslog-tls', tls, (lane) =>
      openLane(lane, true, line.count, (socket) => new SyslogStream('syslog-tls', socket, lane, line)),
    );
    await this.#lane('relp', relp, (lane) =>
      openLane(lane, lane.certFile !== undefined, line.count, (socket) => new RelpConnection(socket, lane, line)),
    );
    await this.#lane('syslog-udp', udp, async (lane) => {
      const open = await openSyslogDatagrams(lane, line);
      this.#kernelDrops = () => open.kernelDrops();
      return open;
    });
    await this.#lane('otlp-grpc', grpc, (lane) => openOtlpGrpc(lane, receivers.parts));
    await this.#followFiles();
    await this.#pullIndices();
    const { stdinService } = settings;
    if (stdinService !== undefined) this.#stdin = readLineStream(process.stdin, stdinService, line).catch(line.onFault);
  }

  /** `HOST:PORT` by protocol, of those that are open. */
  get addresses(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#open].map(([protocol, { address }]) => [protocol, address]));
  }

  /** What was given up or turned away, by reason. */
  get counts(): Readonly<Record<string, number>> {
    return { ...Object.fromEntries(this.#counts), syslog_udp_kernel: this.#kernelDrops() };
  }

  /** Reads until the senders are quiet, stores, closes. */
  async close(): Promise<void> {
    const patience = setTimeout(() => this.#ended.abort(), LAST_BATCHES_MS);
    await Promise.all([
      this.#tails?.close(),
      ...this.#pulls.map((pull) => pull.close()),
      ...[...this.#open.values()].map((lane) => lane.close()),
    ]);
    this.#open.clear();
    clearTimeout(patience);
    this.#ended.abort();
    await this.#stdin;
    if (this.#stdin !== undefined) process.stdin.destroy();
  }

  async #followFiles(): Promise<void> {
    const { settings, dataDir, storedSince } = this.#deps;
    const { files, pods } = settings;
    const tails: Tail[] = files.map(({ glob, exclude, from, service }) => ({
      glob,
      exclude,
      from,
      reading: {},
      serviceOf: service === undefined ? serviceOfFile : () => service,
    }));
    if (pods.dir !== undefined) {
      const glob = join(pods.dir, '*', '*', '*.log');
      tails.push({ glob, exclude: pods.exclude, from: 'start', reading: { parser: 'cri' }, serviceOf: serviceOfPod });
    }
    if (tails.length === 0) return;
    this.#tails = new FileTails(
      tails,
      await PositionBook.open(join(dataDir, 'positions.json'), storedSince),
      this.line,
    );
    this.#tails.start();
  }

  async #pullIndices(): Promise<void> {
    const { settings, dataDir, storedSince, onTrouble } = this.#deps;
    for (const pull of settings.elasticsearch) {
      // Named after what is read: another order in the configuration must not mix the books up.
      const name = createHash('sha256')
        .update(`${pull.url} ${pull.indices.join(',')}`)
        .digest('hex')
        .slice(0, 16);
      const reader = new ElasticPull(pull, join(dataDir, `pull-${name}.json`), this.line, onTrouble);
      await reader.start(storedSince);
      this.#pulls.push(reader);
    }
  }

  async #lane<Settings extends { readonly listen?: ReceiveSettings['relp']['listen'] }>(
    protocol: string,
    settings: Settings,
    open: (settings: Settings & { readonly listen: NonNullable<Settings['listen']> }) => Promise<OpenLane>,
  ): Promise<void> {
    const { listen } = settings;
    if (listen === undefined || listen === null) return;
    try {
      this.#open.set(protocol, await open({ ...settings, listen }));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ListenerRefused(`${protocol} cannot listen on ${listen.host}:${listen.port}: ${why}`, { cause: error });
    }
  }
}

/** A port of the configuration cannot be had; the agent does not start. */
export class ListenerRefused extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ListenerRefused';
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await timeout(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
