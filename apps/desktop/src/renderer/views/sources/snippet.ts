/** Ways to send a line that need nothing installed, or what is installed already. */
export const SNIPPETS = [
  { id: 'curl', label: 'curl' },
  { id: 'ndjson', label: 'NDJSON file' },
  { id: 'node', label: 'Node.js' },
] as const;
export type SnippetId = (typeof SNIPPETS)[number]['id'];

/** Text to paste, for an agent at `url`. */
export function snippet(id: SnippetId, url: string): string {
  const target = `${url.replace(/\/$/, '')}/v1/ingest`;
  return {
    curl: `curl ${target} \\
  -H "X-Sentinel-Key: $SENTINELLOG_KEY" \\
  -H "content-type: application/json" \\
  -d '{"service":"checkout","level":"info","message":"hello"}'`,
    ndjson: `# one JSON object a line; 1,000 lines a batch are plenty
curl ${target} \\
  -H "X-Sentinel-Key: $SENTINELLOG_KEY" \\
  -H "content-type: application/x-ndjson" \\
  --data-binary @app.log.ndjson`,
    node: `await fetch('${target}', {
  method: 'POST',
  headers: {
    'X-Sentinel-Key': process.env.SENTINELLOG_KEY,
    'content-type': 'application/json',
  },
  body: JSON.stringify({ service: 'checkout', level: 'info', message: 'hello' }),
});`,
  }[id];
}
