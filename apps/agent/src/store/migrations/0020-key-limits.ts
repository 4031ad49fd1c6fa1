/** What one ingest key may send; null: what the configuration allows every key. */
export const sql = `
ALTER TABLE ingest_key ADD COLUMN events_per_second integer;
ALTER TABLE ingest_key ADD COLUMN bytes_per_day bigint;
`;
