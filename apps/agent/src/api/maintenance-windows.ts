import { type MaintenanceWindow, type Occurrence, UpcomingSchema } from '@sentinellog/shared';
import type { Api } from './api.ts';
import { type DocumentDesk, documentRoutes } from './routing-documents.ts';

export interface WindowCalendar {
  /** The next three times that it is in effect; the first may be now. None: it is over, or switched off. */
  upcoming(window: MaintenanceWindow): readonly Occurrence[];
}

/** Planned work, during which nobody is told. */
export function maintenanceWindowRoutes(
  api: Api,
  { documents, routing }: { readonly documents: DocumentDesk; readonly routing: WindowCalendar },
): void {
  documentRoutes(api, documents, {
    kind: 'window',
    url: '/v1/maintenance-windows',
    noun: 'a maintenance window',
    plural: 'windows',
    more: { shape: { next: UpcomingSchema }, of: (window) => ({ next: routing.upcoming(window) }) },
  });
}
