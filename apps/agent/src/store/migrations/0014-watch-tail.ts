/** What detectors observed since the last whole state of each source; and what threshold rules have counted. */
export const sql = `
CREATE TABLE watch_tail (
  place bigint  NOT NULL,
  part  integer NOT NULL,
  body  bytea   NOT NULL,
  PRIMARY KEY (place, part)
);
-- States of before have no place among the tails, and are learnt anew by this version anyway.
DELETE FROM watch_state;
CREATE TABLE rule_state (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  body bytea   NOT NULL
);
`;
