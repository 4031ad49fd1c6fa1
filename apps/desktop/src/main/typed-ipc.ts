/**
 * The one place where IPC arrives. A call is handled only when it comes from the top frame of our own page and its
 * argument is what the contract says (reliability §4, row 8).
 */
import { ipcMain, type WebFrameMain } from 'electron';
import type { z } from 'zod';
import { CALL_NAMES, type CallName, type Calls } from '../bridge/calls.ts';
import { callChannel } from '../bridge/channels.ts';
import { APP_ORIGIN } from './app-protocol.ts';
import { CALL_SCHEMAS } from './call-schemas.ts';
import type { Log } from './main-log.ts';

export type CallHandlers = {
  readonly [Name in CallName]: (argument: Calls[Name][0]) => Promise<Calls[Name][1]>;
};

export function serveCalls(handlers: CallHandlers, log: Log): void {
  for (const name of CALL_NAMES) serveCall(name, CALL_SCHEMAS[name], handlers[name], log);
}

function serveCall<Name extends CallName>(
  name: Name,
  schema: z.ZodType<Calls[Name][0]>,
  handler: CallHandlers[Name],
  log: Log,
): void {
  ipcMain.handle(callChannel(name), async (event, argument: unknown) => {
    if (!isOurPage(event.senderFrame)) {
      log('ipc.foreign_sender', `${name} from ${event.senderFrame?.origin ?? 'a frame that is gone'}`);
      throw new Error(`${name} is answered only to the console's own page`);
    }
    const parsed = schema.safeParse(argument);
    if (!parsed.success) {
      const where = parsed.error.issues.map(({ path, code }) => `${path.join('.') || 'argument'}: ${code}`).join(', ');
      log('ipc.bad_argument', `${name}: ${where}`);
      throw new Error(`${name} was called with something that it does not take (${where})`);
    }
    return handler(parsed.data);
  });
}

function isOurPage(frame: WebFrameMain | null): boolean {
  return frame !== null && frame.parent === null && frame.origin === APP_ORIGIN;
}
