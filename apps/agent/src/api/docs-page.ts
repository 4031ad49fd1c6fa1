import type { Api } from './api.ts';
import type { DeclaredRoute } from './route-scopes.ts';
import { CONSOLE_POLICY } from './security-headers.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.4rem 0.75rem; border-bottom: 1px solid #8884; vertical-align: top; }
code { font: 14px/1.5 ui-monospace, monospace; }
`;

/** A page for people about the routes that really exist: it is made from the same list that the access hook works by. */
export function docsRoutes(api: Api, routes: readonly DeclaredRoute[]): void {
  api.route({
    method: 'GET',
    url: '/docs',
    config: { scope: 'public' },
    schema: { summary: 'This page', hide: true },
    handler: (_request, reply) =>
      reply.header('content-security-policy', CONSOLE_POLICY).type('text/html; charset=utf-8').send(pageOf(routes)),
  });
  api.route({
    method: 'GET',
    url: '/docs.css',
    config: { scope: 'public' },
    schema: { summary: 'Style of /docs', hide: true },
    handler: (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE),
  });
}

function pageOf(routes: readonly DeclaredRoute[]): string {
  const rows = routes
    .filter((route) => route.isDocumented)
    .toSorted((a, b) => a.url.localeCompare(b.url))
    .map(
      ({ method, url, scope, summary }) =>
        `<tr><td><code>${method} ${url}</code></td><td>${scope}</td><td>${summary}</td></tr>`,
    );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>SentinelLog API</title>
<link rel="stylesheet" href="/docs.css">
<h1>SentinelLog API</h1>
<p>Send an access token as <code>Authorization: Bearer …</code>. Logs go to <code>POST /v1/ingest</code> with an ingest key in
<code>X-Sentinel-Key</code>. Live data: WebSocket <code>/v1/stream</code>. Machine-readable: <a href="/v1/openapi.json">openapi.json</a>.</p>
<table>
<thead><tr><th>Route</th><th>Scope</th><th>What</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>
</html>
`;
}
