import type { Api } from './api.ts';
import { type DocumentDesk, documentRoutes } from './routing-documents.ts';

/** Who hears of an incident that nobody acknowledges. */
export function escalationRoutes(api: Api, { documents }: { readonly documents: DocumentDesk }): void {
  documentRoutes(api, documents, {
    kind: 'escalation',
    url: '/v1/escalations',
    noun: 'an escalation policy',
    plural: 'escalations',
  });
}
