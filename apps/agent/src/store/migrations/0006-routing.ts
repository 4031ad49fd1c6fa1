/**
 * Who hears of an incident. Documents and memories are kept whole (`body`), as their schemas in packages/shared and in
 * route/ know their inside; columns of their own have only what is searched by.
 */
export const sql = `
-- Policies, escalations, calendars, maintenance windows, people, teams.
CREATE TABLE routing_document (
  kind          text NOT NULL,
  id            text NOT NULL,
  body          jsonb NOT NULL,
  version       integer NOT NULL,
  updated_at_ms bigint NOT NULL,
  updated_by    text NOT NULL,
  PRIMARY KEY (kind, id)
);

-- One row: grows by one with every write of documents, so that an import can name what it was compared with.
CREATE TABLE routing_revision (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  revision bigint NOT NULL
);
INSERT INTO routing_revision (revision) VALUES (0);

CREATE TABLE silence (
  silence_id  uuid PRIMARY KEY,
  ended_at_ms bigint,
  body        jsonb NOT NULL
) WITH (fillfactor = 70);

-- Whom an incident was told to, and since when it waits.
CREATE TABLE incident_routing (
  incident_id text PRIMARY KEY,
  at_ms       bigint NOT NULL,
  body        jsonb NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX incident_routing_by_time ON incident_routing (at_ms);

-- A step that stands here is done. Written in the transaction that inserts its deliveries.
CREATE TABLE escalation_step (
  incident_id      text NOT NULL,
  waiting_since_ms bigint NOT NULL,
  step             text NOT NULL,
  at_ms            bigint NOT NULL,
  PRIMARY KEY (incident_id, waiting_since_ms, step)
);
CREATE INDEX escalation_step_by_time ON escalation_step (at_ms);

CREATE TABLE page_sent (
  page_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms       bigint NOT NULL,
  incident_id text NOT NULL,
  subjects    text[] NOT NULL
);
CREATE INDEX page_sent_by_time ON page_sent (at_ms);

CREATE TABLE window_run (
  window_id    text NOT NULL,
  starts_at_ms bigint NOT NULL,
  is_over      boolean NOT NULL,
  body         jsonb NOT NULL,
  PRIMARY KEY (window_id, starts_at_ms)
);

CREATE TABLE routing_notice (
  notice_id uuid PRIMARY KEY,
  at_ms     bigint NOT NULL,
  body      jsonb NOT NULL
);
CREATE INDEX routing_notice_by_time ON routing_notice (at_ms DESC);
`;
