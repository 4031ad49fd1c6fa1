import {
  type ConfigImportAnswer,
  ConfigImportAnswerSchema,
  type RoutingConfig,
  RoutingConfigSchema,
} from '@sentinellog/shared';
import { z } from 'zod';
import type { Caller } from '../pipeline/caller.ts';
import type { Api } from './api.ts';
import { callerOf } from './caller-of.ts';
import { versionOf } from './if-match.ts';

/** A site's whole routing with thousands of people and windows. */
const MAX_DOCUMENT_BYTES = 2 * 1024 * 1024;

export interface ConfigDesk {
  export(): RoutingConfig;
  /** All of it or nothing. RequestError('invalid_request'): why it cannot be taken. VersionConflict: look again. */
  importConfig(
    config: RoutingConfig,
    mode: 'preview' | 'apply',
    revision: number | null,
    caller: Caller,
  ): Promise<ConfigImportAnswer>;
}

/** Into the audit, before it leaves. RequestError('storage_unavailable') where that is not possible. */
export type RecordExport = (what: 'routing' | 'rules', caller: Caller) => Promise<void>;

/** Everything that people have set up, as one document to keep in a repository. */
export function routingConfigRoutes(
  api: Api,
  { routing, recordExport }: { readonly routing: ConfigDesk; readonly recordExport: RecordExport },
): void {
  api.route({
    method: 'GET',
    url: '/v1/config/export',
    config: { scope: 'policy.read' },
    schema: {
      summary: 'Policies, escalations, calendars, windows, people and teams as one document; channels without secrets',
      response: { 200: RoutingConfigSchema },
    },
    handler: async (request) => {
      await recordExport('routing', callerOf(request));
      return routing.export();
    },
  });

  api.route({
    method: 'POST',
    url: '/v1/config/import',
    config: { scope: 'policy.write' },
    bodyLimit: MAX_DOCUMENT_BYTES,
    schema: {
      summary: 'Make it as the document says, all or nothing; mode=preview only says what would change',
      querystring: z.strictObject({ mode: z.enum(['preview', 'apply']).default('preview') }),
      body: RoutingConfigSchema,
      response: { 200: ConfigImportAnswerSchema },
    },
    handler: (request) => routing.importConfig(request.body, request.query.mode, versionOf(request), callerOf(request)),
  });
}
