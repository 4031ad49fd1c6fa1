/**
 * What an error of the database asks for.
 * `retry`: the same call may succeed later. `poison`: one value is at fault, its neighbours are not.
 * `config`: settings, rights or the schema are wrong; a person has to act.
 */
export type Remedy = 'retry' | 'poison' | 'config';

/** SQLSTATE or its class (first two characters) → remedy; the longest match wins. reliability.md F10. */
const REMEDIES: Readonly<Record<string, Remedy>> = {
  '08': 'retry', // connection
  '25006': 'retry', // read-only after a failover
  '40001': 'retry', // serialization failure
  '40P01': 'retry', // deadlock
  '53': 'retry', // disk full, out of memory, too many connections
  '55P03': 'retry', // lock not available
  '57014': 'retry', // statement timeout
  '57P01': 'retry', // server is stopping
  '57P02': 'retry', // server crashed
  '57P03': 'retry', // server is starting
  '57P05': 'retry', // idle session timeout
  '25P03': 'retry', // idle in transaction timeout
  '58': 'retry', // I/O error below the server
  '22': 'poison', // data exception
  '23514': 'poison', // check violation
  '54': 'poison', // larger than a limit of the server
};

/** What Node says when the server cannot be reached or has gone. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** `pg` gives its own time-outs and broken connections no code, only these words. */
const UNREACHABLE_WORDS =
  /timeout expired|Query read timeout|timeout exceeded when trying to connect|Connection terminated|connection error|Client was closed|not queryable|read ECONNRESET/i;

/** What is not in the table is `config`: said loudly, nothing dropped. */
export function remedyOf(error: unknown): Remedy {
  const code = codeOf(error);
  if (code !== undefined) {
    if (UNREACHABLE.has(code)) return 'retry';
    return REMEDIES[code] ?? REMEDIES[code.slice(0, 2)] ?? 'config';
  }
  return error instanceof Error && UNREACHABLE_WORDS.test(error.message) ? 'retry' : 'config';
}

/** SQLSTATE or system error code; undefined where there is none. */
function codeOf(error: unknown): string | undefined {
  // Node tries every address of a name and reports all failures together.
  const single = error instanceof AggregateError ? error.errors[0] : error;
  return single instanceof Error && 'code' in single && typeof single.code === 'string' ? single.code : undefined;
}

/** Errors after which the connection, and perhaps the whole server, is gone. */
export function meansDown(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return remedyOf(error) === 'retry';
  return UNREACHABLE.has(code) || code.startsWith('08') || /^57P0[123]$/.test(code);
}
