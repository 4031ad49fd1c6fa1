import type { RoutingStore } from './route/routing.ts';
import type { Store } from './store/store.ts';

/** The store as routing sees it. */
export function routingStore({ routingDocuments: documents, routingMemory: memory }: Store): RoutingStore {
  return {
    readDocuments: () => documents.readDocuments(),
    writeDocuments: (writes, by) => documents.writeDocuments(writes, by),
    readMemory: (nowMs) => memory.readMemory(nowMs),
    saveMemory: (changed) => memory.saveMemory(changed),
    saveSilence: (silence, entry) => memory.saveSilence(silence, entry),
    notices: (limit) => memory.notices(limit),
  };
}
