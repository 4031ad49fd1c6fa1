/** Events that were refused, as they came: bounded by their number (store/refused-events.ts). */
export const sql = `
CREATE TABLE refused_event (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms  bigint NOT NULL,
  tenant text NOT NULL,
  key_id text NOT NULL,
  code   text NOT NULL,
  detail text NOT NULL,
  event  text NOT NULL
);
`;
