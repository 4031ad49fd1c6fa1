import { readFileSync } from 'node:fs';
import { type AddressInfo, BlockList, createServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { LaneSettings } from '../config/receive-settings.ts';

/** Senders of syslog keep one connection each; a thousand hosts behind one agent is a large site. */
const MAX_CONNECTIONS = 1000;
const HANDSHAKE_MS = 10_000;
/** A sender that has said nothing for so long has said all it had (design: reliability §3). */
const IDLE_MS = 500;
const DRAIN_MS = 5000;

/** A connection of a lane. Made by the protocol for each socket. */
export interface LaneConnection {
  /** The sender has closed, or the lane closes: store what is left and say goodbye. */
  finish(): Promise<void>;
}

export interface OpenLane {
  /** `HOST:PORT` as it was bound. */
  readonly address: string;
  /** Takes no more connections, reads until the senders are quiet (5 s at most), stores, closes. */
  close(): Promise<void>;
}

/** Who may use a lane, by address. */
export function allowList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

export function isAllowed(list: BlockList, address: string): boolean {
  const plain = address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Listens for connections of a protocol without keys, in plain or over TLS. Throws where the port is taken, with its number.
 * @param count a reason for every connection that is turned away
 */
export async function openLane(
  settings: LaneSettings & { readonly listen: NonNullable<LaneSettings['listen']> },
  isTls: boolean,
  count: (reason: string) => void,
  connect: (socket: Socket) => LaneConnection,
): Promise<OpenLane> {
  const { host, port } = settings.listen;
  const allowed = allowList(settings.allow);
  const open = new Map<Socket, LaneConnection>();
  const onSocket = (socket: Socket): void => {
    // A reset is no fault of ours; the connection's end says the rest.
    socket.on('error', () => socket.destroy());
    if (!isAllowed(allowed, socket.remoteAddress ?? '')) {
      count('address');
      socket.destroy();
      return;
    }
    socket.setKeepAlive(true, 60_000);
    socket.setNoDelay(true);
    const connection = connect(socket);
    open.set(socket, connection);
    socket.on('close', () => {
      void connection.finish().finally(() => open.delete(socket));
    });
  };
  const server = isTls ? createTlsServer(tlsOptions(settings), onSocket) : createServer(onSocket);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('drop', () => count('connections'));
  server.on('tlsClientError', () => count('tls'));
  await listen(server, host, port);
  const bound = server.address() as AddressInfo;
  return {
    address: `${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await Promise.all(
        [...open].map(async ([socket, connection]) => {
          await quiet(socket);
          await connection.finish();
          socket.destroy();
        }),
      );
      await closed;
    },
  };
}

function tlsOptions({ certFile, keyFile, clientCaFile }: LaneSettings) {
  if (certFile === undefined || keyFile === undefined) {
    throw new Error('receive: a TLS port needs certFile and keyFile');
  }
  return {
    cert: readFileSync(certFile),
    key: readFileSync(keyFile),
    handshakeTimeout: HANDSHAKE_MS,
    ...(clientCaFile !== undefined && { ca: readFileSync(clientCaFile), requestCert: true, rejectUnauthorized: true }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Until nothing has come for IDLE_MS, or the end, or DRAIN_MS. */
function quiet(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(idle);
      clearTimeout(limit);
      resolve();
    };
    let idle = setTimeout(done, IDLE_MS);
    const limit = setTimeout(done, DRAIN_MS);
    socket.on('data', () => {
      clearTimeout(idle);
      idle = setTimeout(done, IDLE_MS);
    });
    socket.on('close', done);
  });
}
