/**
 * Telling people. A row of `outbox` is one thing to say through one channel: it is written in the transaction of the
 * change that it speaks of, and goes `pending` → `sending` → `sent`, `dropped` or `cancelled`.
 */
export const sql = `
CREATE TABLE notify_channel (
  channel_id    text PRIMARY KEY,
  name          text NOT NULL,
  enabled       boolean NOT NULL,
  failover      text,
  settings      jsonb NOT NULL,
  -- Sealed by the agent; the database never holds a secret in clear.
  secrets       bytea NOT NULL,
  secret_names  text[] NOT NULL,
  version       integer NOT NULL,
  updated_at_ms bigint NOT NULL
);

CREATE TABLE outbox (
  outbox_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id   text NOT NULL,
  channel_id    text NOT NULL,
  transition    text NOT NULL,
  turn          integer NOT NULL,
  not_before_ms bigint NOT NULL,
  because       text NOT NULL,
  batch         boolean NOT NULL,
  created_at_ms bigint NOT NULL,
  state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'dropped', 'cancelled')),
  attempts      integer NOT NULL DEFAULT 0,
  due_ms        bigint NOT NULL,
  -- The lease under which it was last tried; an older one than the current means that its sender is gone.
  fence         bigint,
  -- An attempt may have reached the other side although nobody saw its answer.
  in_doubt      boolean NOT NULL DEFAULT false,
  failed_over   boolean NOT NULL DEFAULT false,
  done_at_ms    bigint,
  outcome       text,
  message_id    text,
  UNIQUE (incident_id, channel_id, transition, turn)
) WITH (fillfactor = 70);
CREATE INDEX outbox_open ON outbox (channel_id, incident_id, turn, outbox_id) WHERE state IN ('pending', 'sending');
CREATE INDEX outbox_done ON outbox (done_at_ms) WHERE done_at_ms IS NOT NULL;

-- What a channel calls the incident on its side: a Slack message, a ticket.
CREATE TABLE notify_thread (
  incident_id text NOT NULL,
  channel_id  text NOT NULL,
  ref         jsonb NOT NULL,
  at_ms       bigint NOT NULL,
  PRIMARY KEY (incident_id, channel_id)
);

-- What a channel told us itself, so that it is not told the same again.
CREATE TABLE notify_heard (
  incident_id text NOT NULL,
  channel_id  text NOT NULL,
  transition  text NOT NULL,
  at_ms       bigint NOT NULL,
  PRIMARY KEY (incident_id, channel_id, transition)
);

-- One row: which agent empties the outbox. The fence grows with every change of hands.
CREATE TABLE notify_lease (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  holder     uuid,
  fence      bigint NOT NULL,
  expires_at timestamptz NOT NULL
);
INSERT INTO notify_lease (fence, expires_at) VALUES (0, '-infinity');
`;
