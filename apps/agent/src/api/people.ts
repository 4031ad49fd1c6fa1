import type { Api } from './api.ts';
import { type DocumentDesk, documentRoutes } from './routing-documents.ts';

/** Who can be told, by name, by team and by role. These are addressees; who may sign in is said by tokens. */
export function peopleRoutes(api: Api, { documents }: { readonly documents: DocumentDesk }): void {
  documentRoutes(api, documents, { kind: 'person', url: '/v1/people', noun: 'a person', plural: 'people' });
  documentRoutes(api, documents, { kind: 'team', url: '/v1/teams', noun: 'a team', plural: 'teams' });
}
