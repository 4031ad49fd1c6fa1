import {
  RequestError,
  type Revision,
  RevisionSchema,
  ROUTING_SCHEMAS,
  type RoutingDocument,
  type RoutingKind,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { requireVersion } from './if-match.ts';

/** The documents by which people say who hears of what. VersionConflict: somebody else came first. */
export interface DocumentDesk {
  list<Kind extends RoutingKind>(kind: Kind): readonly (RoutingDocument<Kind> & Revision)[];
  one<Kind extends RoutingKind>(kind: Kind, id: string): (RoutingDocument<Kind> & Revision) | undefined;
  create(kind: RoutingKind, body: RoutingDocument, caller: Caller): Promise<RoutingDocument & Revision>;
  /** undefined: there is none with this id. */
  replace(
    kind: RoutingKind,
    body: RoutingDocument,
    version: number,
    caller: Caller,
  ): Promise<(RoutingDocument & Revision) | undefined>;
  remove(kind: RoutingKind, id: string, version: number, caller: Caller): Promise<boolean>;
}

/** How one kind of document is offered. */
export interface DocumentRoutes<Kind extends RoutingKind> {
  readonly kind: Kind;
  readonly url: string;
  /** "a calendar" */
  readonly noun: string;
  /** The name of the list in its answer. */
  readonly plural: string;
  /** What an answer has besides the document. */
  readonly more?: {
    readonly shape: z.ZodRawShape;
    readonly of: (document: RoutingDocument<Kind>) => Readonly<Record<string, unknown>>;
  };
}

/** List, read, make, replace and remove: the same for every kind, whose schema is in ROUTING_SCHEMAS. */
export function documentRoutes<Kind extends RoutingKind>(
  api: Api,
  documents: DocumentDesk,
  { kind, url, noun, plural, more }: DocumentRoutes<Kind>,
): void {
  const body: z.ZodObject = ROUTING_SCHEMAS[kind];
  const shown = z.object({ ...body.shape, ...RevisionSchema.shape, ...more?.shape });
  const params = z.object({ id: z.string().max(64) });
  // What lies under a kind has passed that kind's schema, which the types cannot follow through the table.
  const show = (document: Revision) => ({ ...document, ...more?.of(document as RoutingDocument<Kind> & Revision) });
  const missing = () => new RequestError('not_found', `there is no ${kind} with this id`);

  api.route({
    method: 'GET',
    url,
    config: { scope: 'policy.read' },
    schema: { summary: `Every ${kind}, by id`, response: { 200: z.object({ [plural]: z.array(shown) }) } },
    handler: () => ({ [plural]: documents.list(kind).map((document) => show(document)) }),
  });

  api.route({
    method: 'GET',
    url: `${url}/:id`,
    config: { scope: 'policy.read' },
    schema: { summary: `One ${kind}`, params, response: { 200: shown } },
    handler: (request) => {
      const document = documents.one(kind, request.params.id);
      if (document === undefined) throw missing();
      return show(document);
    },
  });

  api.route({
    method: 'POST',
    url,
    config: { scope: 'policy.write', repeatable: true },
    schema: { summary: `Make ${noun}`, body, response: { 201: shown } },
    handler: async (request, reply) => {
      const made = await documents.create(kind, request.body as RoutingDocument, callerOf(request));
      return reply.code(201).send(show(made));
    },
  });

  api.route({
    method: 'PUT',
    url: `${url}/:id`,
    config: { scope: 'policy.write', repeatable: true },
    schema: {
      summary: `Replace ${noun}; If-Match names the version that was changed`,
      params,
      body,
      response: { 200: shown },
    },
    handler: async (request) => {
      const document = request.body as RoutingDocument;
      if (document.id !== request.params.id)
        throw new RequestError('invalid_request', 'body.id must be the id in the path: an id never changes');
      const replaced = await documents.replace(kind, document, requireVersion(request), callerOf(request));
      if (replaced === undefined) throw missing();
      return show(replaced);
    },
  });

  api.route({
    method: 'DELETE',
    url: `${url}/:id`,
    config: { scope: 'policy.write', repeatable: true },
    schema: {
      summary: `Remove ${noun}; If-Match names the version that was looked at`,
      params,
      response: { 204: z.null() },
    },
    handler: async (request, reply) => {
      if (!(await documents.remove(kind, request.params.id, requireVersion(request), callerOf(request))))
        throw missing();
      return reply.code(204).send(null);
    },
  });
}
