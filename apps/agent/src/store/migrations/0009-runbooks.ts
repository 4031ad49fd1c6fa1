/** Runbooks, with the words that full-text search finds them by: title and tags weigh most, then services, then the rest. */
export const sql = `
CREATE TABLE runbook (
  runbook_id    uuid PRIMARY KEY,
  -- The stable name of one that came with the agent; kept when it is removed, so that the next start does not bring it back.
  shipped_as    text UNIQUE,
  removed       boolean NOT NULL DEFAULT false,
  body          jsonb NOT NULL,
  words         tsvector NOT NULL,
  version       integer NOT NULL,
  updated_by    text NOT NULL,
  updated_at_ms bigint NOT NULL
);
CREATE INDEX runbook_by_words ON runbook USING gin (words);

-- One answer of the language model an incident and prompt: asked again, the stored one is shown.
CREATE TABLE analysis (
  incident_id uuid NOT NULL,
  prompt_hash text NOT NULL,
  at_ms       bigint NOT NULL,
  tokens      integer NOT NULL,
  body        jsonb NOT NULL,
  PRIMARY KEY (incident_id, prompt_hash)
);
CREATE INDEX analysis_by_time ON analysis (at_ms);
`;
