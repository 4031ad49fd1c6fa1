import type { Chance } from './random.ts';
import { isError, MESSAGES } from './messages/messages.ts';
import { type LineLevel, type Template, TemplateDeck } from './messages/template.ts';
import type { Variables } from './messages/variables.ts';
import { normal } from './random.ts';
import { RequestTraces } from './request-traces.ts';
import type { Effect } from './scenarios.ts';
import { SERVICES, type FieldStyle, type ServiceName } from './services.ts';

const PINO_LEVELS: Readonly<Record<LineLevel, number>> = { DEBUG: 20, INFO: 30, WARN: 40, ERROR: 50, FATAL: 60 };
const GOOGLE_SEVERITIES: Readonly<Record<LineLevel, string>> = {
  DEBUG: 'DEBUG',
  INFO: 'INFO',
  WARN: 'WARNING',
  ERROR: 'ERROR',
  FATAL: 'CRITICAL',
};
/** Time, service, level and message under the names that a service's logger gives them. `message` is a JSON string. */
const HEADS: Readonly<
  Record<FieldStyle, (event: LineEvent, iso: string, level: LineLevel, message: string) => string>
> = {
  plain: ({ service }, iso, level, message) =>
    `"timestamp":"${iso}","service":"${service}","level":"${level}","message":${message}`,
  ecs: ({ service }, iso, level, message) =>
    `"@timestamp":"${iso}","log.level":"${level.toLowerCase()}","service.name":"${service}","message":${message}`,
  severity: ({ service }, iso, level, message) =>
    `"severity":"${GOOGLE_SEVERITIES[level]}","time":"${iso}","service":{"name":"${service}"},"msg":${message}`,
  pino: ({ service, timeMs }, _iso, level, message) =>
    `"level":${PINO_LEVELS[level]},"time":${timeMs},"service":"${service}","msg":${message}`,
};
/** ".000Z" to ".999Z": the end of every ISO timestamp. */
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, '0')}Z`);

/** What a line is about. */
export interface LineEvent {
  readonly service: ServiceName;
  readonly timeMs: number;
  readonly isError: boolean;
  readonly effect: Effect;
}

/** Turns events into the JSON lines that their services would write. */
export class LineWriter {
  readonly #chance: Chance;
  readonly #variables: Variables;
  readonly #traces = new RequestTraces();
  /** One deck a list of templates: the lists are constants, so this is as bounded as the source. */
  readonly #decks = new Map<readonly Template[], { readonly errors: TemplateDeck; readonly rest: TemplateDeck }>();
  #second = Number.NaN;
  #secondText = '';

  constructor(chance: Chance, variables: Variables) {
    this.#chance = chance;
    this.#variables = variables;
  }

  /** One NDJSON line, with its line feed. */
  line(event: LineEvent): string {
    const v = this.#variables;
    const { medianMs, latencySpread, fields } = SERVICES[event.service];
    const request = this.#traces.next(event.service, v);
    v.traceId = request.traceId;
    v.requestId = request.requestId;
    v.userId = request.userId;
    v.durationMs = Math.max(
      1,
      Math.round(medianMs * event.effect.latency * Math.exp(latencySpread * normal(this.#chance))),
    );
    const template = this.#template(event);
    const message = JSON.stringify(template.text(v));
    return `{${HEADS[fields](event, this.#iso(event.timeMs), template.level, message)},${tail(template, v)}}\n`;
  }

  #template({ service, isError: failed, effect }: LineEvent): Template {
    if (failed) return this.#deck(effect.errors ?? MESSAGES[service]).errors.at(this.#chance.next());
    const { chatter } = effect;
    const list = chatter && this.#chance.next() < chatter.share ? chatter.templates : MESSAGES[service];
    return this.#deck(list).rest.at(this.#chance.next());
  }

  #deck(templates: readonly Template[]) {
    let deck = this.#decks.get(templates);
    if (!deck) {
      deck = {
        errors: new TemplateDeck(templates.filter(isError)),
        rest: new TemplateDeck(templates.filter((template) => !isError(template))),
      };
      this.#decks.set(templates, deck);
    }
    return deck;
  }

  #iso(timeMs: number): string {
    const second = Math.floor(timeMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 19);
    }
    return this.#secondText + MILLISECONDS[timeMs - second * 1000];
  }
}

function tail({ status, errorCode }: Template, v: Variables): string {
  const common = `"duration_ms":${v.durationMs},"trace_id":"${v.traceId}","request_id":"${v.requestId}","user_id":"${v.userId}"`;
  const withStatus = status === undefined ? common : `${common},"status_code":${status}`;
  return errorCode === undefined ? withStatus : `${withStatus},"error_code":"${errorCode}"`;
}
