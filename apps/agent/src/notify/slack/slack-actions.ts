/** What a person can click, and what it asks of the desk. */
import type { IncidentAction } from '@sentinellog/shared';

export const slackAction = {
  acknowledge: 'sentinellog_ack',
  silence: 'sentinellog_silence',
  more: 'sentinellog_more',
} as const;

export const SILENCE_CHOICES = [
  { code: '15m', label: 'for 15 minutes' },
  { code: '1h', label: 'for 1 hour' },
  { code: '4h', label: 'for 4 hours' },
  { code: '9am', label: 'until 09:00' },
  { code: 'worse', label: 'until it gets worse' },
] as const;
type SilenceCode = (typeof SILENCE_CHOICES)[number]['code'];

const MINUTE_MS = 60_000;
/** A hold is the time of the console's undo. Slack has none: the others hear of it at once. */
const NO_HOLD = 0;

export interface Wish {
  readonly incidentId: string;
  readonly action: IncidentAction;
}

/**
 * The wish behind a click; null where it is none of ours.
 * @param value of the button or of the option that was chosen
 * @param zone IANA zone of "until 09:00"
 */
export function wishOf(actionId: string, value: string, nowMs: number, zone: string): Wish | null {
  switch (actionId) {
    case slackAction.acknowledge:
      return { incidentId: value, action: { action: 'ack', holdMs: NO_HOLD } };
    case slackAction.silence: {
      const colon = value.indexOf(':');
      const code = SILENCE_CHOICES.find((choice) => choice.code === value.slice(0, colon))?.code;
      return code === undefined ? null : { incidentId: value.slice(colon + 1), action: silence(code, nowMs, zone) };
    }
    case slackAction.more:
      return value.startsWith('resolve:')
        ? {
            incidentId: value.slice('resolve:'.length),
            action: { action: 'resolve', resolution: 'fixed', holdMs: NO_HOLD },
          }
        : null;
    default:
      return null;
  }
}

type Silence = Extract<IncidentAction, { action: 'silence' }>;
const SILENCES: Readonly<
  Record<SilenceCode, (nowMs: number, zone: string) => Pick<Silence, 'untilMs' | 'untilWorse'>>
> = {
  '15m': (nowMs) => ({ untilMs: nowMs + 15 * MINUTE_MS }),
  '1h': (nowMs) => ({ untilMs: nowMs + 60 * MINUTE_MS }),
  '4h': (nowMs) => ({ untilMs: nowMs + 240 * MINUTE_MS }),
  '9am': (nowMs, zone) => ({ untilMs: nextNine(nowMs, zone) }),
  worse: () => ({ untilWorse: true }),
};

function silence(code: SilenceCode, nowMs: number, zone: string): Silence {
  return { action: 'silence', ...SILENCES[code](nowMs, zone), scope: 'incident', reason: 'silenced from Slack' };
}

/** The next 09:00 on the clock of that zone. Looked for minute by minute in steps that no change of the clock can skip. */
export function nextNine(nowMs: number, zone: string): number {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const quarter = 15 * MINUTE_MS;
  // Every zone of today is a whole number of quarters away from UTC.
  for (let ms = Math.floor(nowMs / quarter) * quarter + quarter; ms < nowMs + 26 * 60 * MINUTE_MS; ms += quarter) {
    if (clock.format(ms) === '09:00') return ms;
  }
  return nowMs + 12 * 60 * MINUTE_MS;
}
