/** One thing that is wrong with the configuration. Never holds the value: it may be a password. */
export interface ConfigProblem {
  /** Where it was set: `config file /etc/sentinellog.yaml`, `environment variable SENTINELLOG_LISTEN`, `option --listen`. */
  readonly origin: string;
  /** `database.url`; empty for the whole document. */
  readonly path: string;
  /** What is wrong, and what would be right. */
  readonly what: string;
}

/** The configuration cannot be used; the agent does not start. All problems are named at once, one a line. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: ErrorOptions) {
    super(
      problems.map(({ origin, path, what }) => [origin, path, what].filter(Boolean).join(': ')).join('\n'),
      options,
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
