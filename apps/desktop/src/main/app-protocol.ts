import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** The page's own scheme: never `file://`, whose pages may read the disk, and never anything from a network. */
export const APP_SCHEME = 'sentinel';
export const APP_ORIGIN = `${APP_SCHEME}://app`;
export const APP_PAGE = `${APP_ORIGIN}/index.html`;

/**
 * Reliability §4, row 3. The sockets live in the main process, so the page needs no network at all: what a hostile log
 * line could smuggle in has nowhere to run and nowhere to call.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
  // The files change only with the program, and then without a new name for index.html.
  'cache-control': 'no-store',
} as const;

/** What the bundle consists of; a file of any other kind is not served. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/**
 * Answers requests for `sentinel://app/…` from the files that lie in `folder` now. The list is taken once: a path is
 * served when it is on it, letter for letter, so that no way of writing `..` is ever interpreted.
 */
export async function createAppProtocol(folder: string): Promise<(request: Request) => Promise<Response>> {
  const files = new Map<string, string>();
  for await (const path of servable(folder, '')) files.set(path, join(folder, path));
  return async ({ method, url }) => {
    const { protocol, host, pathname } = new URL(url);
    const path = pathname === '/' ? '/index.html' : pathname;
    const file = protocol === `${APP_SCHEME}:` && host === 'app' && method === 'GET' ? files.get(path) : undefined;
    if (file === undefined) return new Response('Not found', { status: 404, headers: HEADERS });
    // Copied out of Node's pool, which a Response may not share.
    const body = new Uint8Array(await readFile(file));
    return new Response(body, { headers: { ...HEADERS, 'content-type': CONTENT_TYPES[extname(file)] ?? '' } });
  };
}

/** Paths with a leading slash. Symbolic links are not followed: they are neither file nor folder here. */
async function* servable(root: string, path: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, path), { withFileTypes: true })) {
    const inner = `${path}/${entry.name}`;
    if (entry.isDirectory()) yield* servable(root, inner);
    else if (entry.isFile() && extname(entry.name) in CONTENT_TYPES) yield inner;
  }
}
