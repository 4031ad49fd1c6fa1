import type { ConnectionState } from '../../bridge/events.ts';

/** The state of one connection, for lists. */
export function connectionWords(connection: ConnectionState): string {
  switch (connection.type) {
    case 'connecting':
      return 'connecting';
    case 'open':
      return `connected as ${connection.role}`;
    case 'reconnecting':
      return `reconnecting: ${connection.reason}`;
    case 'offline':
      return `offline: ${connection.reason}`;
    case 'refused':
      return `refused: ${connection.reason}`;
    default:
      return connection satisfies never;
  }
}
