/**
 * `sentinellog://…`: any web page, mail or chat can open one, so a link only ever navigates. It is read by a closed
 * grammar: a known place, identifiers of a known shape, numbers in range. What is not of it is dropped or refused whole;
 * nothing of it is ever looked up, fetched or connected to because a link says so.
 */
import { z } from 'zod';
import { INCIDENT_TABS, LINKED_VIEWS, type LinkTarget } from '../bridge/link-target.ts';

/** Longer ones are cut by chat programs anyway. */
const MAX_LENGTH = 2048;
const MAX_CLUSTERS = 50;

const id = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
/** The code of a cluster, as it stands on every row. */
const code = z.string().regex(/^[\p{L}\p{N}_.-]{1,6}$/u);
/** Of an address: what the page makes of it is for the page's own reader, which knows no word that does anything. */
const viewQuery = z.string().regex(/^[\w\-.~%=&,+*/:]{0,1500}$/);
const instantMs = z.number().int().min(0).max(8.64e15);
const span = z.strictObject({ fromMs: instantMs, toMs: instantMs }).refine(({ fromMs, toMs }) => fromMs < toMs);

export const LinkTargetSchema: z.ZodType<LinkTarget> = z.discriminatedUnion('to', [
  z.strictObject({
    to: z.literal('incident'),
    incidentId: id,
    cluster: code.nullable(),
    tab: z.enum(INCIDENT_TABS).nullable(),
  }),
  z.strictObject({
    to: z.literal('heartbeat'),
    clusters: z.array(code).max(MAX_CLUSTERS),
    sourceId: id.nullable(),
    span: span.nullable(),
  }),
  z.strictObject({ to: z.literal('rule'), ruleId: id }),
  z.strictObject({ to: z.literal('view'), view: z.enum(LINKED_VIEWS), query: viewQuery }),
]);

/** Scheme, place, at most one part of a path, a query; no user, no port, no fragment. */
const LINK = /^sentinellog:\/\/([a-z]{1,20})(?:\/([^/?#]{1,100}))?\/?(?:\?([^#]*))?$/;

/** Where a link leads, or null when it is not one of ours. */
export function parseDeepLink(text: string): LinkTarget | null {
  const [, place, part, words = ''] = text.length > MAX_LENGTH ? [] : (LINK.exec(text) ?? []);
  const values = queryOf(words);
  if (place === undefined) return null;
  switch (place) {
    case 'incident':
      return checked({
        to: 'incident',
        incidentId: part,
        cluster: values.get('cluster') ?? null,
        tab: INCIDENT_TABS.find((tab) => tab === values.get('tab')) ?? null,
      });
    case 'heartbeat':
      if (part !== undefined) return null;
      return checked({
        to: 'heartbeat',
        clusters: (values.get('cluster') ?? '').split(',').filter((each) => code.safeParse(each).success),
        sourceId: values.get('source') ?? null,
        span: spanOf(values),
      });
    case 'source':
      return part === undefined ? null : checked({ to: 'heartbeat', clusters: [], sourceId: part, span: null });
    case 'view':
      return checked({ to: 'view', view: part, query: words });
    case 'rule':
      return checked({ to: 'rule', ruleId: part });
    case 'timeline':
    case 'feed':
    case 'setup':
      return part === undefined ? checked({ to: 'view', view: place, query: words }) : null;
    default:
      return null;
  }
}

function checked(target: unknown): LinkTarget | null {
  const parsed = LinkTargetSchema.safeParse(target);
  return parsed.success ? parsed.data : null;
}

/** A parameter that stands there twice, or cannot be decoded, says nothing. */
function queryOf(query: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const twice = new Set<string>();
  for (const pair of query.split('&')) {
    const [name = '', text = ''] = pair.split('=', 2);
    const value = decoded(text);
    if (values.has(name)) twice.add(name);
    if (value !== null) values.set(name, value);
  }
  for (const name of twice) values.delete(name);
  return values;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** null when half of it is missing or is no number: the place itself still stands. */
function spanOf(values: ReadonlyMap<string, string>): { fromMs: number; toMs: number } | null {
  const [from = '', to = ''] = [values.get('from'), values.get('to')];
  if (!/^\d{1,16}$/.test(from) || !/^\d{1,16}$/.test(to)) return null;
  const parsed = span.safeParse({ fromMs: Number(from), toMs: Number(to) });
  return parsed.success ? parsed.data : null;
}
