/** What people say about the past of a source, and the saved states of what it has learnt. */
export const sql = `
ALTER TABLE log_source ADD COLUMN sigma double precision;

-- The anomaly may not be stored yet: a verdict is given within the second, a checkpoint takes some.
CREATE TABLE verdict (
  event_id  uuid PRIMARY KEY,
  source_id uuid NOT NULL,
  verdict   text NOT NULL,
  actor     text NOT NULL,
  at_ms     bigint NOT NULL
);

CREATE TABLE exclusion (
  exclusion_id uuid PRIMARY KEY,
  source_id    uuid NOT NULL,
  signal       text,
  from_ms      bigint NOT NULL,
  to_ms        bigint NOT NULL,
  reason       text NOT NULL,
  actor        text NOT NULL,
  at_ms        bigint NOT NULL
);
CREATE INDEX exclusion_by_source ON exclusion (source_id, from_ms);

CREATE TABLE baseline_version (
  version_id uuid PRIMARY KEY,
  source_id  uuid NOT NULL,
  made_at_ms bigint NOT NULL,
  -- Everything about it but the state itself, as it goes over the wire.
  body       jsonb NOT NULL,
  state      bytea NOT NULL
);
CREATE INDEX baseline_version_by_source ON baseline_version (source_id, made_at_ms DESC);
`;
