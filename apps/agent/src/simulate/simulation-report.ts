import { SCENARIOS } from './scenarios.ts';
import type { SimulationEvent } from './run-simulation.ts';

const BAR_WIDTH = 28;
const TTY_INTERVAL_MS = 200;
const LINE_INTERVAL_MS = 5000;
/** A run that begins no further back than this has no history worth a bar. */
const HISTORY_MS = 5000;

export interface ReportTarget {
  readonly isTTY: boolean;
  readonly write: (text: string) => void;
}

/** Tells a person how a run goes: on a terminal one line that is written over, elsewhere a plain line now and then. */
export function simulationReport(target: ReportTarget): (event: SimulationEvent) => void {
  let history: { readonly fromMs: number; readonly startedMs: number } | undefined;
  let lastShownMs = Number.NEGATIVE_INFINITY;
  const say = (text: string) => target.write(target.isTTY ? `\r\u001b[K${text}\n` : `${text}\n`);
  const show = (text: string) => target.write(target.isTTY ? `\r\u001b[K${text}` : `${text}\n`);

  return (event) => {
    switch (event.type) {
      case 'started':
        if (event.dueMs - event.fromMs > HISTORY_MS) history = { fromMs: event.fromMs, startedMs: event.nowMs };
        break;
      case 'progress': {
        if (event.nowMs - lastShownMs < (target.isTTY ? TTY_INTERVAL_MS : LINE_INTERVAL_MS)) break;
        if (history) show(historyLine(event, history));
        else if (target.isTTY) show(`live ${clockTime(event.eventMs)}  ${grouped(event.sent)} lines sent`);
        lastShownMs = event.nowMs;
        break;
      }
      case 'present':
        if (history)
          say(
            `history sent: ${grouped(event.sent)} lines in ${((event.nowMs - history.startedMs) / 1000).toFixed(1)} s`,
          );
        history = undefined;
        break;
      case 'scenario_started':
        say(`${clockTime(event.eventMs)} scenario ${event.name} begins: ${SCENARIOS[event.name].sentence}`);
        break;
      case 'scenario_ended':
        say(`${clockTime(event.eventMs)} scenario ${event.name} is over`);
        break;
      case 'retry':
        say(`the agent did not take a batch (${printable(event.reason)}): again in ${event.waitMs} ms`);
        break;
    }
  };
}

function historyLine(
  { eventMs, dueMs, sent, nowMs }: Extract<SimulationEvent, { type: 'progress' }>,
  { fromMs, startedMs }: { readonly fromMs: number; readonly startedMs: number },
): string {
  const share =
    Number.isFinite(dueMs) && dueMs > fromMs ? Math.min(1, Math.max(0, (eventMs - fromMs) / (dueMs - fromMs))) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const perSecond = nowMs > startedMs ? Math.round((sent / (nowMs - startedMs)) * 1000) : 0;
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  return `history ${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${grouped(sent)} lines, ${grouped(perSecond)}/s`;
}

function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** An agent's words are outside words: no control character of theirs reaches a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
