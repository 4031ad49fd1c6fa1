import type { IncomingHttpHeaders } from 'node:http';

const CREDENTIALS = /^(bearer|apikey|basic) +(\S+)$/i;

/**
 * The ingest key of a request, wherever the sender's configuration lets it be put: `X-Sentinel-Key`,
 * `Authorization: Bearer`, Elasticsearch's `ApiKey` (the key, or base64 of `id:key`) or the password of `Basic`.
 */
export function presentedKey(request: { readonly headers: IncomingHttpHeaders }): string | undefined {
  const key = request.headers['x-sentinel-key'];
  if (typeof key === 'string' && key !== '') return key;
  const [, scheme = '', credentials = ''] = CREDENTIALS.exec(request.headers.authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return credentials;
    case 'apikey':
      // A key has no colon and, decoded, is no text with one: so the two forms cannot be taken for each other.
      return secretOf(credentials) ?? credentials;
    case 'basic':
      return secretOf(credentials);
    default:
      return undefined;
  }
}

function secretOf(base64: string): string | undefined {
  const pair = Buffer.from(base64, 'base64').toString('latin1');
  const colon = pair.indexOf(':');
  const secret = pair.slice(colon + 1);
  return colon < 0 || !/^[\x21-\x7e]+$/.test(secret) ? undefined : secret;
}
