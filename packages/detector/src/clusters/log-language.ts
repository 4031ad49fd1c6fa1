/**
 * How people who write logs say that something went wrong. One entry a meaning; add a wording where you miss one.
 * Order matters: the first entry that a text matches is what it is mainly about, so what is special comes before what
 * is general ("connection pool timed out" is about the pool).
 */
export interface Meaning {
  readonly id: string;
  /** What a cluster of it is called; its target goes behind `towards`: "Timeouts calling payment-service". */
  readonly phrase: string;
  readonly towards: string;
  /** Said of many things, so that it says little of what they have in common: "slow", "not found". */
  readonly isGeneral?: true;
  /** Wordings, matched in the lower-cased text with camelCase taken apart. */
  readonly wordings: RegExp;
}

export const MEANINGS: readonly Meaning[] = [
  {
    id: 'pool',
    phrase: 'Connection pool exhausted',
    towards: 'for',
    wordings:
      /pool (?:is )?(?:exhausted|full|empty|depleted)|no (?:\w+ )?connections? (?:available|within|left)|connection is not available|too many (?:\w+ )?connections|remaining connection slots|pool timed? ?out/,
  },
  {
    id: 'memory',
    phrase: 'Out of memory',
    towards: 'in',
    wordings:
      /out of memory|\boom\b|oom.?kill|heap space|cannot allocate memory|memory (?:limit|exhausted)|gc overhead/,
  },
  {
    id: 'disk',
    phrase: 'Disk full',
    towards: 'on',
    wordings: /no space left|\benospc\b|disk (?:is )?full|disk quota|read.only file ?system|low disk space/,
  },
  {
    id: 'dns',
    phrase: 'Names not resolved',
    towards: 'for',
    wordings: /\benotfound\b|name resolution|no such host|getaddrinfo|nxdomain|unknown host|could not resolve/,
  },
  {
    id: 'tls',
    phrase: 'TLS failures',
    towards: 'with',
    wordings:
      /x509|certificate (?:has )?(?:expired|verify|unknown|is not|not)|(?:tls|ssl) ?(?:handshake|error|alert)|handshake fail|self.signed/,
  },
  {
    id: 'deadlock',
    phrase: 'Deadlocks',
    towards: 'in',
    wordings: /deadlock|lock wait|could not serialize|serialization failure|lock not available|40p01/,
  },
  {
    id: 'circuit',
    phrase: 'Circuit breaker open',
    towards: 'for',
    wordings: /circuit.?(?:breaker|open)|short.circuited/,
  },
  {
    id: 'timeout',
    phrase: 'Timeouts',
    towards: 'calling',
    wordings:
      /time(?:d|s)?[ -]?out|timing out|deadline exceeded|did not (?:answer|respond|reply)|no (?:answer|response|reply)|etimedout|took too long|context deadline|gave up waiting|not responding/,
  },
  {
    id: 'refused',
    phrase: 'Connection failures',
    towards: 'to',
    wordings:
      /connection refused|econnrefused|unreachable|no route to host|host is down|(?:could|can) ?not connect|can't connect|failed to connect|unable to connect|connect(?:ion)? failed|connection failure/,
  },
  {
    id: 'reset',
    phrase: 'Connections broken off',
    towards: 'to',
    wordings:
      /connection reset|econnreset|broken pipe|\bepipe\b|connection (?:was )?(?:closed|aborted|lost)|unexpected eof|lost connection|closed unexpectedly|peer closed/,
  },
  {
    id: 'unavailable',
    isGeneral: true,
    phrase: 'Unavailable',
    towards: 'of',
    wordings: /unavailable|no healthy|bad gateway|not available|\b50[23]\b|answered 5xx|is down\b/,
  },
  {
    id: 'ratelimit',
    isGeneral: true,
    phrase: 'Rate limited',
    towards: 'by',
    wordings: /rate.?limit|too many requests|throttl|\b429\b|quota (?:was )?exceeded/,
  },
  {
    id: 'locked',
    phrase: 'Accounts locked',
    towards: 'in',
    wordings: /account (?:is |was |\S+ )?locked|too many (?:failed )?(?:attempts|logins)|locked out/,
  },
  {
    id: 'login',
    phrase: 'Failed logins',
    towards: 'to',
    wordings:
      /unauthori[sz]ed|unauthenticated|authentication (?:failed|failure|error)|(?:failed|wrong|bad|invalid|incorrect) (?:password|credentials?|login|token|signature)|log ?in failed|invalid user|failed log ?in|\b401\b/,
  },
  {
    id: 'denied',
    phrase: 'Access denied',
    towards: 'to',
    wordings:
      /forbidden|(?:access|permission) denied|not (?:allowed|permitted)|\b403\b|\beacces\b|operation not permitted/,
  },
  {
    id: 'declined',
    isGeneral: true,
    phrase: 'Declined',
    towards: 'by',
    wordings: /\bdeclined\b|do not honou?r|insufficient funds|payment refused/,
  },
  {
    id: 'duplicate',
    isGeneral: true,
    phrase: 'Duplicates refused',
    towards: 'in',
    wordings: /\bduplicate\b|already exists|unique constraint|already (?:processed|registered)/,
  },
  {
    id: 'notfound',
    isGeneral: true,
    phrase: 'Not found',
    towards: 'in',
    wordings:
      /not found|no such|does not exist|doesn't exist|\b404\b|\benoent\b|missing (?:key|file|record|column|table)/,
  },
  {
    id: 'null',
    phrase: 'Null references',
    towards: 'in',
    wordings:
      /null ?pointer|null reference|undefined is not|cannot read propert|nil pointer|none ?type|attribute ?error/,
  },
  {
    id: 'malformed',
    isGeneral: true,
    phrase: 'Malformed input',
    towards: 'in',
    wordings:
      /(?:parse|parsing|syntax|validation|decode|decoding) (?:error|fail\w*)|invalid (?:json|xml|input|argument|request|format)|unexpected token|malformed|could not (?:parse|decode)|cannot (?:parse|decode)|deseriali[sz]/,
  },
  {
    id: 'crash',
    phrase: 'Crashes',
    towards: 'of',
    wordings:
      /segfault|segmentation fault|\bpanic|core dumped|uncaught|unhandled|stack overflow|exited with|\bsig(?:kill|segv|abrt)\b|crash/,
  },
  {
    id: 'lag',
    isGeneral: true,
    phrase: 'Falling behind',
    towards: 'in',
    wordings: /\blag(?:ging)?\b|falling behind|backlog|queue (?:is )?full|buffer full|overflow|\bdropped\b|discarded/,
  },
  {
    id: 'slow',
    isGeneral: true,
    phrase: 'Slow',
    towards: 'in',
    wordings: /\bslow\b|high latency|latency (?:is )?high|degraded/,
  },
  {
    id: 'retry',
    isGeneral: true,
    phrase: 'Retries',
    towards: 'of',
    wordings: /\bretr(?:y|ies|ied|ying)\b|backing off|attempt <\*> of/,
  },
  {
    id: 'cancelled',
    isGeneral: true,
    phrase: 'Cancelled',
    towards: 'by',
    wordings: /cancel(?:l?ed|l?ation)|\baborted\b|client closed|interrupted/,
  },
  {
    id: 'failed',
    isGeneral: true,
    phrase: 'Failures',
    towards: 'in',
    wordings:
      /\bfail(?:s|ed|ure|ures|ing)?\b|\berrors?\b|exception|could ?not|cannot|can't|unable to|\b500\b|\bfatal\b/,
  },
];

/** Words that hold a sentence together and say nothing of what it is about. */
export const FILLERS: ReadonlySet<string> = new Set(
  (
    'a an and any are as at be been but by did do does due for from had has have if in into is it its may more no not ' +
    'now of off on onto only or our out over so some than that the their them then there they this to too under until ' +
    'up was we were when which while will with within would you your via per ms s sec secs seconds minutes bytes kb mb ' +
    'gb id ids info debug warn warning trace level msg message true false null none eur usd'
  ).split(' '),
);
