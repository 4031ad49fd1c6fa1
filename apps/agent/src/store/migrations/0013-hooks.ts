/** Automation hooks and their runs. A secret lies sealed, under a key that is not in the database. */
export const sql = `
CREATE TABLE hook (
  hook_id       uuid PRIMARY KEY,
  name          text NOT NULL UNIQUE,
  body          jsonb NOT NULL,
  secret        bytea,
  version       integer NOT NULL,
  updated_by    text NOT NULL,
  updated_at_ms bigint NOT NULL
);
CREATE TABLE hook_run (
  run_id          uuid PRIMARY KEY,
  hook_id         uuid NOT NULL,
  idempotency_key text NOT NULL,
  at_ms           bigint NOT NULL,
  body            jsonb NOT NULL,
  UNIQUE (hook_id, idempotency_key)
);
CREATE INDEX hook_run_by_time ON hook_run (hook_id, at_ms DESC);
`;
