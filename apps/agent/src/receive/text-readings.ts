import type { ParsingSettings } from '../config/parsing-settings.ts';
import { type EventSchema, JOIN_NOTHING, JOIN_STACKS, type TextReading, textHead } from '../pipeline/text-reading.ts';

/** How the text of each source is to be read, from the configuration, ready to be put before its bytes. */
export class TextReadings {
  /** Of the sources that have settings of their own. Made once: every request asks. */
  readonly #own: ReadonlyMap<string, TextReading>;
  readonly #usual: TextReading;
  readonly #schemas: Readonly<Record<string, EventSchema>> | undefined;
  readonly #zones: Readonly<Record<string, string>> | undefined;

  constructor(settings: ParsingSettings) {
    const { schema, sources } = settings;
    const own = Object.entries(sources).flatMap(([name, source]) => (source.schema ? [[name, source.schema]] : []));
    const all = [...(schema === undefined ? [] : [['*', schema]]), ...own];
    this.#schemas = all.length === 0 ? undefined : Object.fromEntries(all);
    const zones = Object.entries(sources).flatMap(([name, { zone }]) => (zone === undefined ? [] : [[name, zone]]));
    this.#zones = zones.length === 0 ? undefined : Object.fromEntries(zones);
    this.#usual = this.#made(settings, {});
    this.#own = new Map(Object.entries(sources).map(([name, source]) => [name, this.#made(settings, source)]));
  }

  /** What decides how lines of a service are cut and joined. */
  settingsOf(service: string | null): Pick<TextReading, 'parser' | 'join'> {
    return this.#reading(service);
  }

  /** The head of lines. @param service whose they are, where that is known; its settings go before those for all */
  lines(service: string | null, nowMs: number, more: Partial<TextReading> = {}): Buffer {
    return textHead({ ...this.#reading(service), layout: 'lines', ...more }, nowMs);
  }

  /** The head of syslog frames. @param peer address of the sender */
  syslog(service: string | null, peer: string, nowMs: number): Buffer {
    const reading = this.#reading(service);
    const zones = service === null && this.#zones !== undefined ? { zones: this.#zones } : {};
    return textHead({ ...reading, ...zones, layout: 'framed', join: JOIN_NOTHING, peer }, nowMs);
  }

  /** The head of JSON; undefined where the usual reading of JSON is the right one. */
  json(service: string | null, nowMs: number): Buffer | undefined {
    const reading = this.#reading(service);
    if (reading.fields === undefined && reading.schemas === undefined && reading.zone === 'UTC') return undefined;
    return textHead({ ...reading, layout: 'lines', join: JOIN_NOTHING }, nowMs);
  }

  /** The head of documents of Elasticsearch (S2-14): the usual names, in Elastic's dotted or nested form. */
  documents(service: string | null, nowMs: number, timeField: string): Buffer {
    const reading = this.#reading(service);
    const { time = [], service: services = [], level = [], message } = reading.fields ?? {};
    const fields = {
      time: [...time, timeField],
      service: [...services, 'service.name', 'service', 'kubernetes.labels.app', 'kubernetes.container.name'],
      level: [...level, 'level', 'log.level'],
      message,
    };
    return textHead({ ...reading, fields, layout: 'lines', join: JOIN_NOTHING }, nowMs);
  }

  #reading(service: string | null): TextReading {
    return (service === null ? undefined : this.#own.get(service)) ?? this.#usual;
  }

  #made(all: ParsingSettings, own: ParsingSettings['sources'][string] | Record<string, never>): TextReading {
    const { patterns } = all;
    const { parser = 'auto', zone = 'UTC', join = JOIN_STACKS, fields } = { ...all, ...definedOnly(own) };
    // A source that is known has one schema, whatever service its events name.
    const schemas = own.schema === undefined ? this.#schemas : { '*': own.schema };
    return {
      parser,
      layout: 'lines',
      zone,
      join,
      ...(Object.keys(patterns).length > 0 && { patterns }),
      ...(fields !== undefined && { fields }),
      ...(schemas !== undefined && { schemas }),
    };
  }
}

function definedOnly<Settings extends object>(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as Settings;
}
