import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { RouteScope } from '@sentinellog/shared';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Log } from '../telemetry/log.ts';

/** The server that every resource hangs its routes on. */
export type Api = FastifyInstance<Server, IncomingMessage, ServerResponse, Log, ZodTypeProvider>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller must be allowed to do. There is no default: a route without one stops the start. */
    scope: RouteScope;
    /** It answers from what was counted, so after a start it waits until the journal has been read back. */
    afterReplay?: true;
  }
  interface FastifyRequest {
    /** Who calls; null on public routes, which must not ask. */
    caller: Caller | null;
  }
}
