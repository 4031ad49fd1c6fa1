import type { EventSchema } from '../pipeline/text-reading.ts';
import { FIELD_NAMES } from './field-map.ts';

/** An event as its schema sees it. */
export interface JudgedEvent {
  /** As the parser found them, wherever they lay. */
  readonly service: string | undefined;
  readonly level: string | undefined;
  readonly timeMs: number;
  readonly message: string | undefined;
  /** The members of a JSON event. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Why an event is not what the schema of its service asks for; undefined when it is. The text never repeats a value. */
export function violationOf(schemas: Readonly<Record<string, EventSchema>>, event: JudgedEvent): string | undefined {
  const own =
    event.service === undefined || !Object.hasOwn(schemas, event.service) ? undefined : schemas[event.service];
  const schema = own ?? schemas['*'];
  if (schema === undefined) return undefined;
  const missing = schema.required.find((name) => !holds(event, name));
  if (missing !== undefined) return `the field "${missing}" is missing`;
  const { levels, types } = schema;
  if (levels !== undefined && event.level !== undefined && !levels.includes(event.level.toUpperCase())) {
    return `the level is none of ${levels.join(', ')}`;
  }
  const wrong = Object.entries(types).find(([name, type]) => {
    const value = event.values.get(name);
    return value !== undefined && value !== null && !isOf(type, value);
  });
  return wrong === undefined ? undefined : `the field "${wrong[0]}" is no ${wrong[1]}`;
}

/** The usual four may have any of their names. */
function holds({ service, level, timeMs, message, values }: JudgedEvent, name: string): boolean {
  const value = values.get(name);
  if (value !== undefined && value !== null && value !== '') return true;
  if (includes(FIELD_NAMES.time, name)) return !Number.isNaN(timeMs);
  if (includes(FIELD_NAMES.service, name)) return service !== undefined;
  if (includes(FIELD_NAMES.level, name)) return level !== undefined;
  return includes(FIELD_NAMES.message, name) && message !== undefined && message !== '';
}

function includes(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function isOf(type: EventSchema['types'][string], value: unknown): boolean {
  if (type !== 'timestamp') return typeof value === type;
  return typeof value === 'number' || (typeof value === 'string' && !Number.isNaN(Date.parse(value)));
}
