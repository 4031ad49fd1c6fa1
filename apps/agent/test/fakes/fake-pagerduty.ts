/** PagerDuty's Events API v2: alerts by dedup key, as the documentation says they merge. */
import { z } from 'zod';
import { FaultyServer } from './faulty-server.ts';

const EventSchema = z.object({
  routing_key: z.string().length(32),
  event_action: z.enum(['trigger', 'acknowledge', 'resolve']),
  dedup_key: z.string().min(1).max(255),
  payload: z
    .object({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
    })
    .loose(),
  links: z.array(z.object({ href: z.url(), text: z.string() })).optional(),
});
export type PagerDutyEvent = z.infer<typeof EventSchema>;

export const ROUTING_KEY = 'R0123456789012345678901234567890';

export class FakePagerDuty {
  readonly events: PagerDutyEvent[] = [];
  /** Alerts by key; a resolve without an alert is ignored in silence, as PagerDuty does. */
  readonly open = new Set<string>();
  opened = 0;
  resolved = 0;
  readonly http: FaultyServer;

  private constructor(http: FaultyServer) {
    this.http = http;
  }

  static async open(): Promise<FakePagerDuty> {
    let pagerDuty: FakePagerDuty | undefined = undefined;
    const http = await FaultyServer.open(({ body }) => {
      if (Buffer.byteLength(body) > 512_000) return { status: 413, body: '' };
      const event = EventSchema.safeParse(JSON.parse(body));
      if (!event.success) return { status: 400, body: { status: 'invalid event', errors: event.error.issues } };
      if (event.data.routing_key !== ROUTING_KEY)
        return { status: 400, body: { errors: ["'routing_key' is invalid"] } };
      pagerDuty?.take(event.data);
      return { status: 202, body: { status: 'success', dedup_key: event.data.dedup_key } };
    });
    pagerDuty = new FakePagerDuty(http);
    return pagerDuty;
  }

  close(): Promise<void> {
    return this.http.close();
  }

  take(event: PagerDutyEvent): void {
    this.events.push(event);
    const { dedup_key, event_action } = event;
    if (event_action === 'trigger' && !this.open.has(dedup_key)) {
      this.open.add(dedup_key);
      this.opened++;
    }
    if (event_action === 'resolve' && this.open.delete(dedup_key)) this.resolved++;
  }
}
