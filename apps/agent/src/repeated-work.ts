import type { StopStack } from './pipeline/stop-stack.ts';
import type { Log } from './telemetry/log.ts';

/** How it is said that a round failed; the next one is tried all the same. */
interface Failure {
  readonly event: string;
  readonly words?: string;
}

/** What an agent does again and again beside its work. */
export class RepeatedWork {
  readonly #stops: StopStack;
  readonly #log: Log;

  constructor(stops: StopStack, log: Log) {
    this.#stops = stops;
    this.#log = log;
  }

  /** Runs `work` with a pause of so many milliseconds between, never twice at a time; a stop waits for the round under way. */
  every(name: string, pauseMs: number, work: () => unknown, { event, words = 'trying again later' }: Failure): void {
    let timer: NodeJS.Timeout | undefined;
    let underWay: Promise<void> = Promise.resolve();
    let isStopped = false;
    const round = async () => {
      try {
        await work();
      } catch (err) {
        this.#log.warn({ event, err }, words);
      }
      if (!isStopped) schedule();
    };
    const schedule = () => {
      timer = setTimeout(() => {
        underWay = round();
      }, pauseMs);
    };
    schedule();
    this.#stops.add(name, async () => {
      isStopped = true;
      clearTimeout(timer);
      await underWay;
    });
  }
}
