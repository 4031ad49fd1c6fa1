/**
 * Times are milliseconds (`_ms`) or seconds since the epoch, as numbers: a log may name the year 300000, which no
 * timestamp column takes. Rows that change with every checkpoint leave room in their page (fillfactor) and have no
 * index on what changes, so that an update stays inside the page.
 */
export const sql = `
CREATE TABLE log_source (
  source_id      uuid PRIMARY KEY,
  tenant         text NOT NULL,
  service        text NOT NULL,
  sensitivity    text NOT NULL DEFAULT 'medium',
  retention_days integer NOT NULL DEFAULT 30,
  time_zone      text NOT NULL DEFAULT 'UTC',
  tags           text[] NOT NULL DEFAULT '{}',
  first_seen_ms  bigint NOT NULL
);

CREATE TABLE source_progress (
  source_id      uuid PRIMARY KEY,
  closed_through bigint NOT NULL,
  first_seen_ms  bigint NOT NULL,
  last_seen_ms   bigint NOT NULL,
  live           boolean NOT NULL,
  -- Start of the newest level-0 block: where a start ends looking for minutes that are still open.
  newest_block   bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- Time first: what is written at one time lies together, and retention is a range of the key.
CREATE TABLE frame_block (
  level     smallint NOT NULL,
  start     bigint NOT NULL,
  source_id uuid NOT NULL,
  body      bytea NOT NULL,
  PRIMARY KEY (level, start, source_id)
) WITH (fillfactor = 70);

-- Sixty minutes of one series in one row: a day of a chart is 24 rows, not 1,440.
CREATE TABLE expected_hour (
  hour      bigint NOT NULL,
  source_id uuid NOT NULL,
  signal    text NOT NULL,
  body      bytea NOT NULL,
  PRIMARY KEY (hour, source_id, signal)
) WITH (fillfactor = 70);

CREATE TABLE watch_state (
  source_id uuid PRIMARY KEY,
  body      bytea NOT NULL
) WITH (fillfactor = 50);
-- Numbers that do not compress; trying costs more time than it saves space.
ALTER TABLE watch_state ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE anomaly (
  event_id        uuid PRIMARY KEY,
  source_id       uuid NOT NULL,
  signal          text NOT NULL,
  detector        text NOT NULL,
  state           text NOT NULL,
  severity        text NOT NULL,
  deviation_score double precision NOT NULL,
  started_at_ms   bigint NOT NULL,
  raw_data_sample jsonb NOT NULL,
  -- Everything else, receipt included, as it goes over the wire.
  body            jsonb NOT NULL
);
CREATE INDEX anomaly_by_time ON anomaly (started_at_ms DESC, event_id DESC);
CREATE INDEX anomaly_by_source ON anomaly (source_id, started_at_ms DESC, event_id DESC);
CREATE INDEX anomaly_not_over ON anomaly (event_id) WHERE state IN ('early', 'open');

-- A value that no table took, kept for a person to look at. body: the JSON text, where even a lone surrogate is ASCII.
CREATE TABLE dead_letter (
  dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms          bigint NOT NULL,
  kind           text NOT NULL,
  reason         text NOT NULL,
  body           bytea NOT NULL
);

CREATE TABLE blind_interval (
  from_second bigint NOT NULL,
  to_second   bigint NOT NULL,
  PRIMARY KEY (from_second, to_second)
);

-- One row. sequence: commits so far; writer: the run of the agent that may write; agent_id: whose journal lsn is a position of.
CREATE TABLE checkpoint (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sequence bigint NOT NULL,
  writer   uuid,
  agent_id uuid,
  lsn      bigint NOT NULL,
  at_ms    bigint,
  counters jsonb NOT NULL
);
INSERT INTO checkpoint (sequence, lsn, counters) VALUES (0, 0, '{}');

CREATE TABLE ingest_key (
  key_id        text PRIMARY KEY,
  name          text NOT NULL,
  tenant        text NOT NULL,
  service       text,
  hash          bytea NOT NULL,
  pepper_id     text NOT NULL,
  created_at_ms bigint NOT NULL,
  last_used_ms  bigint,
  revoked_at_ms bigint
);

CREATE TABLE access_token (
  token_id      text PRIMARY KEY,
  name          text NOT NULL,
  role          text NOT NULL,
  hash          bytea NOT NULL,
  pepper_id     text NOT NULL,
  created_at_ms bigint NOT NULL,
  last_used_ms  bigint,
  revoked_at_ms bigint
);

CREATE TABLE audit_entry (
  seq    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms  bigint NOT NULL,
  actor  text NOT NULL,
  action text NOT NULL,
  object text NOT NULL,
  detail jsonb NOT NULL
);
CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit entries are never changed or removed';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only();
`;
