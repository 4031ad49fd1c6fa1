import type { LastKnownShelf } from './stores/last-known-keeper.ts';

const DATABASE = 'sentinellog';
const STORE = 'last-known';

/** The browser's own database, which the desktop app has in its profile folder. */
export function indexedDbShelf(factory: IDBFactory): LastKnownShelf {
  const inStore = async <T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await opened(factory);
    try {
      return await answered(ask(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  };
  return {
    readAll: () => inStore<unknown[]>('readonly', (store) => store.getAll()),
    put: async (agentId, known) => {
      await inStore('readwrite', (store) => store.put(known, agentId));
    },
    remove: async (agentId) => {
      await inStore('readwrite', (store) => store.delete(agentId));
    },
    clear: async () => {
      await inStore('readwrite', (store) => store.clear());
    },
  };
}

function opened(factory: IDBFactory): Promise<IDBDatabase> {
  const request = factory.open(DATABASE, 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE));
  return answered(request);
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () =>
      reject(request.error ?? new Error('the browser’s database did not answer')),
    );
  });
}
