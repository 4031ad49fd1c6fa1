import fastifySwagger from '@fastify/swagger';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { Api } from './api.ts';

/** Has to be registered before the routes that it describes. */
export async function describeApi(api: Api, version: string): Promise<void> {
  await api.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'SentinelLog agent',
        version,
        description:
          'Errors are RFC 9457 problem documents. Everything but the public routes needs an access token or a console session.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document);
      const scope = document.route.config?.scope ?? 'public';
      return {
        url,
        schema: { ...schema, 'x-scope': scope, ...(scope !== 'public' && { security: [{ token: [] }] }) },
      };
    },
  });
}

export function openapiRoutes(api: Api): void {
  api.route({
    method: 'GET',
    url: '/v1/openapi.json',
    config: { scope: 'public' },
    schema: { summary: 'This API as an OpenAPI 3.1 document' },
    handler: () => api.swagger(),
  });
}
