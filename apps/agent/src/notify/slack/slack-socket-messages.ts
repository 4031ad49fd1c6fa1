import { z } from 'zod';

/** What the thread of a Socket Mode connection is started with. */
export interface SlackSocketSettings {
  readonly appToken: string;
  readonly apiUrl: string;
}

/** What it says. */
export const SlackSocketMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('up') }),
  z.object({ type: z.literal('click'), payload: z.unknown() }),
  /** It is over with this connection; `detail` is a word of Slack's or of the library's. */
  z.object({ type: z.literal('down'), detail: z.string() }),
]);
export type SlackSocketMessage = z.infer<typeof SlackSocketMessageSchema>;
