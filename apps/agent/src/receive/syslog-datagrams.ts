import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { LaneSettings } from '../config/receive-settings.ts';
import { FrameFeed } from './frame-feed.ts';
import type { Scanned } from './intake.ts';
import { allowList, isAllowed, type OpenLane } from './lane.ts';
import type { LineDeps } from './line-deps.ts';

/** As much as Linux gives (`net.core.rmem_max`): what comes during a pause of ours waits there. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;
const IDLE_MS = 500;
const DRAIN_MS = 5000;
/** `/proc/net/udp`: the columns of the local address and of datagrams dropped. */
const LOCAL_COLUMN = 1;
const DROPS_COLUMN = 12;

/**
 * Syslog over UDP (RFC 5426): one message a datagram, best effort. What the kernel drops is counted (`kernelDrops`); what comes while a whole
 * batch waits for the disk is dropped here, and counted.
 */
export async function openSyslogDatagrams<Batch extends Scanned>(
  settings: LaneSettings & { readonly listen: NonNullable<LaneSettings['listen']> },
  deps: LineDeps<Batch>,
): Promise<OpenLane & { kernelDrops(): number }> {
  const { host, port } = settings.listen;
  const { key } = settings;
  const allowed = allowList(settings.allow);
  const socket = createSocket({ type: isIP(host) === 6 ? 'udp6' : 'udp4', reuseAddr: false });
  const pinned = deps.deliverer.callerOf(key)?.pinnedService ?? null;
  const feed = new FrameFeed({
    head: () => deps.readings.syslog(pinned, '', deps.now()),
    store: (bytes) =>
      deps.deliverer.deliver(
        { protocol: 'syslog-udp', remote: '', key, batchId: null, format: 'syslog', defaultService: 'syslog', bytes },
        deps.ended,
      ),
    onRoom: () => undefined,
    onFault: deps.onFault,
  });
  let lastMs = 0;
  socket.on('message', (message: Buffer, { address }: RemoteInfo) => {
    lastMs = deps.now();
    if (!isAllowed(allowed, address)) deps.count('address');
    else if (feed.isFull) deps.count('syslog_udp_full');
    else {
      let end = message.length;
      while (end > 0 && message[end - 1] <= 0x0d) end--;
      if (end === 0) return;
      feed.addCounted(message, 0, end);
      feed.flush();
    }
  });
  await bind(socket, host, port);
  socket.on('error', deps.onFault);
  const bound = socket.address();
  const closing = async (): Promise<void> => {
    const endMs = deps.now() + DRAIN_MS;
    while (deps.now() - lastMs < IDLE_MS && deps.now() < endMs) {
      await new Promise((resolve) => {
        setTimeout(resolve, IDLE_MS / 5);
      });
    }
    await new Promise<void>((resolve) => {
      socket.close(() => resolve());
    });
    await feed.settled();
  };
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    kernelDrops: () => kernelDrops(bound.port),
    close: closing,
  };
}

async function bind(socket: Socket, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
}

/** Datagrams that came and found no room in the kernel, since the port was bound; 0 where there is no /proc. */
function kernelDrops(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/udp', '/proc/net/udp6']
    .flatMap((file) => tableOf(file))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[LOCAL_COLUMN]?.endsWith(suffix))
    .reduce((sum, columns) => sum + Number(columns[DROPS_COLUMN] ?? 0), 0);
}

function tableOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(1);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
