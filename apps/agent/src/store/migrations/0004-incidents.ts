import { AUDIT_GENESIS } from '@sentinellog/shared';
import { linkHash } from '../audit-chain.ts';
import { fromStorableJson, fromStorableText } from '../lossless-text.ts';
import type { Transaction } from '../postgres.ts';

/**
 * Incidents with their alerts, timelines and correlated events; answers kept for repeated requests; service edges; the
 * audit becomes a chain. Bodies hold what goes over the wire; the columns beside them are what is searched by.
 */
export const sql = `
CREATE TABLE incident (
  incident_id    uuid PRIMARY KEY,
  tenant         text NOT NULL,
  state          text NOT NULL,
  severity       text NOT NULL,
  services       text[] NOT NULL,
  signals        text[] NOT NULL,
  opened_at_ms   bigint NOT NULL,
  resolved_at_ms bigint,
  version        bigint NOT NULL,
  -- Without its alerts.
  body           jsonb NOT NULL,
  -- What the desk remembers beside what people see.
  memory         jsonb NOT NULL,
  -- Errors and warnings around it, at most 50.
  correlated     jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX incident_by_time ON incident (opened_at_ms DESC, incident_id DESC);
CREATE INDEX incident_unresolved ON incident (incident_id) WHERE state <> 'RESOLVED';
CREATE INDEX incident_by_service ON incident USING gin (services);
CREATE INDEX incident_over ON incident (resolved_at_ms) WHERE state = 'RESOLVED';

CREATE TABLE alert (
  alert_id     uuid PRIMARY KEY,
  incident_id  uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
  position     integer NOT NULL,
  service      text NOT NULL,
  state        text NOT NULL,
  severity     text NOT NULL,
  opened_at_ms bigint NOT NULL,
  body         jsonb NOT NULL
);
CREATE INDEX alert_by_incident ON alert (incident_id, position);
CREATE INDEX alert_by_time ON alert (opened_at_ms DESC, alert_id DESC);

-- Which state of an anomaly an alert has taken in: a replay brings it again, and it must count once.
CREATE TABLE incident_event (
  event_id    uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
  alert_id    uuid NOT NULL,
  state       text NOT NULL,
  at_ms       bigint NOT NULL
);
CREATE INDEX incident_event_by_time ON incident_event (at_ms DESC);
CREATE INDEX incident_event_by_incident ON incident_event (incident_id);

CREATE TABLE timeline_entry (
  entry_id    uuid PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
  alert_id    uuid,
  at_ms       bigint NOT NULL,
  body        jsonb NOT NULL
);
CREATE INDEX timeline_by_time ON timeline_entry (at_ms DESC, entry_id DESC);
CREATE INDEX timeline_by_incident ON timeline_entry (incident_id, at_ms, entry_id);

-- The first answer to a request that may be sent again. status null: under way.
CREATE TABLE idempotency (
  caller         text NOT NULL,
  key            text NOT NULL,
  request_digest bytea NOT NULL,
  status         integer,
  body           text,
  at_ms          bigint NOT NULL,
  PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_by_time ON idempotency (at_ms);

CREATE TABLE service_edge (
  tenant       text NOT NULL,
  from_service text NOT NULL,
  to_service   text NOT NULL,
  weight       double precision NOT NULL,
  led          double precision NOT NULL,
  PRIMARY KEY (tenant, from_service, to_service)
);

-- One row: where the chain ends. Its lock is what makes one writer of many.
CREATE TABLE audit_head (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  seq      bigint NOT NULL,
  hash     bytea NOT NULL
);
INSERT INTO audit_head (seq, hash) VALUES (0, decode('${AUDIT_GENESIS}', 'hex'));
ALTER TABLE audit_entry DISABLE TRIGGER append_only;
ALTER TABLE audit_entry ALTER COLUMN seq DROP IDENTITY;
ALTER TABLE audit_entry ADD COLUMN prev_hash bytea, ADD COLUMN hash bytea;
-- An identity leaves gaps where a transaction was rolled back; a chain has none. By way of the negative numbers, so that
-- no two rows ever share one.
UPDATE audit_entry a SET seq = -n.place FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM audit_entry) n WHERE a.seq = n.seq;
UPDATE audit_entry SET seq = -seq;
`;

type OldEntry = {
  readonly seq: number;
  readonly at_ms: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: string;
};
const CHUNK = 1000;

/** Makes a chain of the entries that were there before there was one. */
export async function run(transaction: Transaction): Promise<void> {
  let hash = AUDIT_GENESIS;
  let seq = 0;
  for (;;) {
    const rows = await transaction.query<OldEntry>(
      'SELECT seq, at_ms, actor, action, object, detail::text FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2',
      [seq, CHUNK],
    );
    if (rows.length === 0) break;
    const links = rows.map((row) => {
      const prev = hash;
      hash = linkHash(prev, {
        seq: row.seq,
        at_ms: row.at_ms,
        actor: fromStorableText(row.actor),
        action: row.action,
        object: fromStorableText(row.object),
        detail: Object(fromStorableJson(row.detail)),
      });
      seq = row.seq;
      return { seq: row.seq, prev: Buffer.from(prev, 'hex'), hash: Buffer.from(hash, 'hex') };
    });
    await transaction.query(
      `UPDATE audit_entry a SET prev_hash = l.prev, hash = l.hash
       FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]) AS l (seq, prev, hash) WHERE a.seq = l.seq`,
      [links.map((link) => link.seq), links.map((link) => link.prev), links.map((link) => link.hash)],
    );
  }
  await transaction.query('UPDATE audit_head SET seq = $1, hash = $2', [seq, Buffer.from(hash, 'hex')]);
  await transaction.query(
    'ALTER TABLE audit_entry ALTER COLUMN prev_hash SET NOT NULL, ALTER COLUMN hash SET NOT NULL',
  );
  await transaction.query('ALTER TABLE audit_entry ENABLE TRIGGER append_only');
}
