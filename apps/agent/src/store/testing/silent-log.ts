import type { StoreLog } from '../store-log.ts';

const nothing = () => undefined;

export const silentLog: StoreLog = { debug: nothing, info: nothing, warn: nothing, error: nothing };
