/** Threshold rules as people write them. */
export const sql = `
CREATE TABLE rule (
  rule_id       uuid PRIMARY KEY,
  name          text NOT NULL UNIQUE,
  -- The stable name of one that came with the agent; a removed one keeps its row, so that a start does not bring it back.
  shipped_as    text UNIQUE,
  removed       boolean NOT NULL DEFAULT false,
  body          jsonb NOT NULL,
  version       integer NOT NULL,
  updated_by    text NOT NULL,
  updated_at_ms bigint NOT NULL
);
`;
