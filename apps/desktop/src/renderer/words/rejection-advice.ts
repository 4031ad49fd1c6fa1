/** What the sender has to change, by the code of a rejection; the agent's own detail stands beside it. */
const ADVICE: Readonly<Record<string, string>> = {
  unauthenticated: 'Send a valid ingest key in X-Sentinel-Key. Create one with: sentinellog keys create --name NAME',
  key_revoked: 'This key was revoked. Create a new one with: sentinellog keys create --name NAME',
  forbidden: 'Use an ingest key here, not an access token.',
  invalid_json: 'Send one JSON object, a JSON array, or one object a line (NDJSON), in UTF-8.',
  not_an_object: 'Each event must be a JSON object: {"service": …, "level": …, "message": …}',
  invalid_request: 'Check the path, the method and the headers of the sender.',
  nesting_too_deep: 'Flatten the event: put nested data into one text field.',
  too_many_fields: 'Send fewer fields an event: put the rest into one text field.',
  event_too_large: 'Cut long messages and stack traces before sending.',
  body_too_large: 'Send smaller batches: 1,000 lines at a time are plenty.',
  decompressed_too_large: 'Send smaller batches: the limit counts after decompression.',
  unsupported_encoding: 'Compress with gzip, deflate or zstd, or not at all.',
  unsupported_media_type: 'Set content-type to application/json or application/x-ndjson.',
  rate_limited: 'Wait as long as Retry-After says, then send the same batch again.',
  overloaded: 'Send the same batch again after Retry-After; nothing of it was kept.',
  disk_full: 'Free space on the journal volume, or lower the retention of a source.',
  storage_unavailable: 'Send the same batch again: the agent recovers by itself.',
  shutting_down: 'Send the same batch again: the agent is restarting.',
  not_ready: 'Send the same batch again: the agent is starting.',
};

export function rejectionAdvice(code: string): string {
  return ADVICE[code] ?? 'The detail says what was wrong; correct the sender and send the batch again.';
}
