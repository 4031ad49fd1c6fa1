/** One line of the main process's own log. `detail` never holds a token: nothing that has one is passed here. */
export type Log = (event: string, detail: string) => void;

/** JSON lines, so that a support file can be searched; control characters are escaped by JSON itself. */
export function createLog(write: (line: string) => void, now: () => number): Log {
  return (event, detail) => write(`${JSON.stringify({ time: new Date(now()).toISOString(), event, detail })}\n`);
}
