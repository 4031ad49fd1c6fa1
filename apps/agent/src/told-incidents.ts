/** What became of each message, into the timeline of the incident that it spoke of. */
import type { Actor } from '@sentinellog/shared';
import type { IncidentDesk } from './incident/desk.ts';
import { wordOf } from './notify/incident-words.ts';
import type { DeliveryWitness } from './notify/outbox-worker.ts';
import type { Delivery } from './pipeline/delivery.ts';
import type { Log } from './telemetry/log.ts';

/** @param desk asked for when something was told: channels are wired before the desk */
export function toldIncidents(desk: () => Pick<IncidentDesk, 'remark'>, log: Log): DeliveryWitness {
  const remark = (...remarked: Parameters<IncidentDesk['remark']>) => {
    desk()
      .remark(...remarked)
      .catch((err: unknown) => log.error({ event: 'notify.not_in_timeline', err }, 'the timeline goes without'));
  };
  return {
    delivered: (delivery, channel, messageId) => {
      log.info({ event: 'notify.sent', ...delivery, channel, messageId }, 'told');
      // A message that is only brought up to date tells nobody anything: the change itself stands in the timeline.
      if (delivery.transition === 'updated') return;
      const links = [{ kind: 'message' as const, id: messageId }];
      remark(delivery.incidentId, actorOf(channel), [{ kind: 'notified', text: `told: ${whatOf(delivery)}`, links }]);
    },
    failed: (delivery, channel, reason) => {
      log.warn({ event: 'notify.not_told', ...delivery, channel }, reason);
      const text = `not told (${wordOf(delivery.transition)}): ${reason}`;
      remark(delivery.incidentId, actorOf(channel), [{ kind: 'notify_failed', text }]);
    },
  };
}

function actorOf(channel: string): Actor {
  return { kind: 'channel', name: channel, via: null };
}

/** Why this channel hears of it is news with its first message, and with each message that was somebody's decision. */
function whatOf({ transition, because }: Delivery): string {
  const saysWhy = (transition === 'opened' || transition === 'escalated') && because !== '';
  return saysWhy ? `${wordOf(transition)}, because ${because}` : wordOf(transition);
}
