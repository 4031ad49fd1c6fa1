import { access } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Api } from './api.ts';
import { CONSOLE_POLICY } from './security-headers.ts';

const NOT_BUILT = `<!doctype html>
<html lang="en">
<title>SentinelLog</title>
<h1>The console has not been built yet</h1>
<p>The agent runs. To see its console here, run <code>npm run build</code> in the repository and reload this page.</p>
</html>
`;

/**
 * The browser console: what the build wrote to `directory`, and nothing else. @fastify/static keeps paths inside it.
 * Without a credential, for it is the same for everybody; what it shows comes from the API, which asks for one.
 */
export async function consoleFiles(api: Api, directory: string): Promise<void> {
  await api.register(fastifyStatic, {
    root: directory,
    serve: false,
    cacheControl: false,
    dotfiles: 'ignore',
    index: false,
  });

  api.route({
    method: 'GET',
    url: '/',
    config: { scope: 'public' },
    schema: { summary: 'The console', hide: true },
    handler: async (_request, reply) => {
      if (await isReadable(join(directory, 'index.html'))) return open(reply, 'no-store').sendFile('index.html');
      return reply.code(503).type('text/html; charset=utf-8').send(NOT_BUILT);
    },
  });

  api.route({
    method: 'GET',
    url: '/assets/*',
    config: { scope: 'public' },
    schema: { summary: "The console's hashed files", params: z.object({ '*': z.string() }), hide: true },
    handler: (request, reply) =>
      // The build puts a hash of the content into each name, so a name never changes its content.
      open(reply, 'public, max-age=31536000, immutable').sendFile(`assets/${request.params['*']}`),
  });

  api.route({
    method: 'GET',
    url: '/:file(^[\\w-]+\\.(?:svg|png|ico|webmanifest)$)',
    config: { scope: 'public' },
    schema: { summary: 'Icons and the like', params: z.object({ file: z.string() }), hide: true },
    handler: (request, reply) => open(reply, 'public, max-age=3600').sendFile(request.params.file),
  });
}

async function isReadable(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function open(reply: FastifyReply, caching: string): FastifyReply {
  return reply.header('content-security-policy', CONSOLE_POLICY).header('cache-control', caching);
}
