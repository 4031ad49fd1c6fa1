/** Which templates mean the same: found by themselves, and arranged by people. */
export const sql = `
CREATE TABLE cluster (
  cluster_id   text PRIMARY KEY,
  -- The template that it began with: its name is made from it.
  founder_text text NOT NULL,
  -- name and pinned are set by people.
  name         text,
  pinned       boolean NOT NULL DEFAULT false,
  -- Where its templates went when it was merged.
  merged_into  text,
  changed_ms   bigint NOT NULL
);

CREATE TABLE template_cluster (
  template_id text PRIMARY KEY,
  cluster_id  text NOT NULL,
  by_hand     boolean NOT NULL,
  changed_ms  bigint NOT NULL
);
CREATE INDEX template_cluster_by_cluster ON template_cluster (cluster_id);
`;
