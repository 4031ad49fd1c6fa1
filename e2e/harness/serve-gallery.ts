/** The console on made-up agents, as `npm run build:gallery` leaves it, on a port of its own. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../apps/desktop/out/gallery', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
};

export interface Gallery {
  /** `http://127.0.0.1:<port>/gallery.html` */
  readonly url: string;
  close(): void;
}

export async function serveGallery(): Promise<Gallery> {
  if (!existsSync(join(ROOT, 'gallery.html')))
    throw new Error('the gallery is not built: run `npm run build:gallery` first');
  const server = createServer((request, response) => {
    const path = join(ROOT, normalize(new URL(request.url ?? '/', 'http://gallery').pathname));
    if (!path.startsWith(ROOT) || !existsSync(path)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
    response.end(readFileSync(path));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gallery has no port');
  return {
    url: `http://127.0.0.1:${address.port}/gallery.html`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
