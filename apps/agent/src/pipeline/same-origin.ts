/**
 * True when a browser's `Origin` names the host that the request was sent to. The scheme is left out: behind a proxy that
 * ends TLS the page is https and this hop is http. A missing or opaque (`null`) origin is never the same.
 */
export function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  return URL.canParse(`${protocol}//${host}`) && originHost === new URL(`${protocol}//${host}`).host;
}
