import { RequestError, type Incident } from '@sentinellog/shared';

/** What a body may name. Values are other people's text: they go into strings of JSON, never between them. */
const VALUES: ReadonlyMap<string, (incident: Incident, cluster: string) => string> = new Map([
  ['cluster', (_, cluster) => cluster],
  ['incident.id', ({ incident_id }) => incident_id],
  ['incident.key', ({ key }) => key],
  ['incident.title', ({ title }) => title],
  ['incident.severity', ({ severity }) => severity],
  ['incident.service', ({ first_mover }) => first_mover.service],
  ['incident.services', ({ services }) => services.join(',')],
  ['incident.started_at', ({ started_at_ms }) => new Date(started_at_ms).toISOString()],
  ['incident.reason', ({ first_mover }) => first_mover.reason],
]);

/** Refuses a body that is not JSON or names what there is not (RequestError `invalid_request`). */
export function checkTemplate(body: string): void {
  for (const text of stringsOf(parsed(body)))
    for (const [, name] of text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g))
      if (name === undefined || !VALUES.has(name))
        throw new RequestError(
          'invalid_request',
          `body: there is no {{${name}}}; known are ${[...VALUES.keys()].join(', ')}`,
        );
}

/** The body with the incident's values in its strings: still JSON, whatever the values hold. */
export function filledTemplate(body: string, incident: Incident, cluster: string): string {
  return JSON.stringify(
    mapStrings(parsed(body), (text) =>
      text.replaceAll(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => VALUES.get(name)?.(incident, cluster) ?? ''),
    ),
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new RequestError('invalid_request', 'body: it must be JSON, with {{names}} inside its strings', {
      cause: error,
    });
  }
}

function* stringsOf(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value)) for (const part of value) yield* stringsOf(part);
  else if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* stringsOf(part);
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((part) => mapStrings(part, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapStrings(part, map)]));
}
