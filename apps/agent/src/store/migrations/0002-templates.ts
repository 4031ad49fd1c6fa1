/** What messages say, and how often: the companions of frame_block. */
export const sql = `
-- name and pinned are set by people and never by a checkpoint.
CREATE TABLE template (
  template_id text PRIMARY KEY,
  text        text NOT NULL,
  -- What the miner must know of it after a restart.
  mined       jsonb NOT NULL,
  examples    jsonb NOT NULL,
  changed_ms  bigint NOT NULL,
  name        text,
  pinned      boolean NOT NULL DEFAULT false
);
CREATE INDEX template_by_change ON template (changed_ms);

-- found: lines of from_id have been to_id since; by hand: people want to see the two as one, until they split them.
CREATE TABLE template_alias (
  from_id text PRIMARY KEY,
  to_id   text NOT NULL,
  by_hand boolean NOT NULL,
  at_ms   bigint NOT NULL
);

CREATE TABLE template_use (
  source_id uuid PRIMARY KEY,
  body      bytea NOT NULL
) WITH (fillfactor = 50);

-- One row: the miner's numbers, which change with every line.
CREATE TABLE template_miner (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  body     jsonb NOT NULL
) WITH (fillfactor = 30);

CREATE TABLE template_block (
  level     smallint NOT NULL,
  start     bigint NOT NULL,
  source_id uuid NOT NULL,
  body      bytea NOT NULL,
  PRIMARY KEY (level, start, source_id)
) WITH (fillfactor = 70);
`;
