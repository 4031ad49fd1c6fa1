import tls from 'node:tls';

/**
 * Makes fetch and WebSockets of this process trust what the operating system trusts, besides Mozilla's list: companies
 * put their own authority there, and asking people to switch checking off instead would be worse.
 */
export function trustSystemCertificates(): void {
  // Electron's TLS library does not offer both functions in every version; then Mozilla's list alone holds.
  if (typeof tls.setDefaultCACertificates !== 'function' || typeof tls.getCACertificates !== 'function') return;
  tls.setDefaultCACertificates([...tls.getCACertificates('bundled'), ...tls.getCACertificates('system')]);
}
