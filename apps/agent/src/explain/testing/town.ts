/** Services that log as they always do for weeks, and one change planted into it: what an explained range must find. */
import { createHash } from 'node:crypto';
import { ClusterBook } from '@sentinellog/detector';
import { SeededRandom } from '@sentinellog/detector/testing';
import { type Level, LEVELS, type Source, type Template } from '@sentinellog/shared';
import { aSource } from '@sentinellog/shared/testing';
import type { TemplateCountsReader } from '../count-cells.ts';
import { Explainer } from '../explainer.ts';
import type { RangeLine } from '../line-tally.ts';

/** Monday 2 March 2026, 14:00 UTC: what is explained are the 15 minutes after it. */
export const RANGE_FROM = Date.UTC(2026, 2, 2, 14) / 1000;
export const RANGE_TO = RANGE_FROM + 900;
const FIRST_SEEN = RANGE_FROM - 40 * 86_400;

const SERVICES = ['gateway', 'orders', 'payments', 'inventory', 'search', 'users', 'mail', 'auth'] as const;

/** What a service says, and what all of them say; events a minute and level. */
const OWN: readonly (readonly [text: string, perMinute: number, level: Level])[] = [
  ['GET /api/<*> answered 200 in <*> ms', 300, 'info'],
  ['order <*> created by user <*>: <*> items', 60, 'info'],
  ['payment <*> authorised for <*> in <*> ms', 50, 'info'],
  ['card declined for <*>: <*>', 4, 'warn'],
  ['stock of <*> is <*>', 40, 'info'],
  ['query <*> found <*> products in <*> ms', 120, 'info'],
  ['profile of user <*> loaded in <*> ms', 45, 'info'],
  ['mail <*> queued for user <*>', 20, 'info'],
  ['login succeeded for <*> from <*>', 30, 'info'],
  ['login failed for <*> from <*>: wrong password', 3, 'warn'],
  ['token refreshed for user <*>, expires in <*> s', 25, 'info'],
  ['row <*> skipped: currency missing', 1, 'warn'],
  ['reserved <*> of <*> for <*>', 30, 'info'],
  ['index refresh: <*> documents, <*> ms', 2, 'info'],
  ['webhook <*> received, id <*>', 5, 'info'],
  ['price of <*> changed from <*> to <*>', 0.5, 'info'],
  ['coupon <*> applied to <*>', 8, 'info'],
  ['push sent to <*> devices of user <*>', 6, 'info'],
  ['deadlock detected while storing <*>', 0.1, 'error'],
  ['export of personal data for user <*> finished', 0.2, 'info'],
  ['session <*> expired after <*> min', 12, 'info'],
  ['address of user <*> failed validation: field <*> is empty', 1.5, 'warn'],
];
const COMMON: readonly (readonly [text: string, perMinute: number, level: Level])[] = [
  ['cache miss for key <*>', 20, 'debug'],
  ['connection <*> taken from pool', 40, 'debug'],
  ['heap after collection: <*> MB', 4, 'info'],
  ['health check answered in <*> ms', 12, 'info'],
  ['retrying call to <*>: attempt <*>', 1, 'warn'],
  ['configuration reloaded from <*>', 0.05, 'info'],
];

interface Voice {
  readonly id: string;
  readonly text: string;
  readonly service: string;
  readonly perMinute: number;
  readonly level: Level;
  /** When it was first heard. */
  readonly since: number;
}

/** What is different: a factor on what is usual, voices that come in, and how lines of a template read and rank. */
export interface Change {
  readonly factor?: (voice: Voice, second: number) => number;
  readonly voices?: readonly (Pick<Voice, 'text' | 'service' | 'perMinute' | 'level'> & { readonly since?: number })[];
  /** Level of a template's lines within the range. */
  readonly level?: (voice: Voice) => Level | undefined;
  readonly value?: (voice: Voice, random: SeededRandom) => string | undefined;
  /** Of every service and minute, beside the Poisson noise; 0.05 unless said. */
  readonly unrest?: number;
}

export interface Town {
  readonly explainer: Explainer;
  readonly voices: readonly Voice[];
}

export function aTown(seed: number, change: (usual: readonly Voice[], random: SeededRandom) => Change): Town {
  const random = new SeededRandom(seed);
  const usual = [
    ...OWN.map(([text, perMinute, level], at) => ({ text, perMinute, level, service: SERVICES[at % SERVICES.length] })),
    ...COMMON.flatMap(([text, perMinute, level]) => SERVICES.map((service) => ({ text, perMinute, level, service }))),
  ].map((voice) => ({
    ...voice,
    perMinute: voice.perMinute * (0.5 + random.uniform()),
    id: idOf(voice.text),
    since: FIRST_SEEN,
  }));
  const planted = change(usual, random);
  const added = (planted.voices ?? []).map((voice) => ({ since: RANGE_FROM, ...voice, id: idOf(voice.text) }));
  const voices: readonly Voice[] = [...usual, ...added];
  const sources = SERVICES.map((service) => aSourceOf(service));
  return { voices, explainer: explainerOf(seed, voices, planted, sources) };
}

function explainerOf(seed: number, voices: readonly Voice[], planted: Change, sources: readonly Source[]): Explainer {
  const counts: TemplateCountsReader = async ({ sourceIds, fromSecond, toSecond }) => {
    const rows = [];
    for (const [at, { id, service, perMinute, since, ...voice }] of voices.entries()) {
      if (!sourceIds.includes(service)) continue;
      for (let t = Math.max(fromSecond, since); t < toSecond; t += 60) {
        const day = 1 + 0.6 * Math.sin(((t % 86_400) / 86_400) * 2 * Math.PI);
        const chance = new SeededRandom(seed * 7919 + Math.floor(t / 60) * 131 + at * 524_287);
        const mood = Math.max(0, 1 + (planted.unrest ?? 0.05) * chance.normal());
        const factor = planted.factor?.({ id, service, perMinute, since, ...voice }, t) ?? 1;
        const count = chance.poisson(perMinute * day * mood * factor);
        if (count > 0) rows.push({ source_id: service, template_id: id, t, count });
      }
    }
    return { fromSecond, toSecond, unitSeconds: 60, counts: rows };
  };
  const book = new ClusterBook();
  for (const { id, text } of voices) book.assign(id, text);
  return new Explainer({
    counts,
    sources: { list: () => sources },
    templates: { some: (ids) => new Map(Array.from(ids, (id) => [id, aTemplateOf(id, voices)])) },
    clusters: {
      clusterOf: (id) => book.clusterOf(id) ?? id,
      nameOf: (id) => book.nameOf(id),
      placeOf: (text) => book.placeOf(text),
    },
    blind: () => Promise.resolve([]),
    lines: async function* ({ fromMs, toMs, sourceIds }) {
      const { counts: rows } = await counts({
        sourceIds,
        fromSecond: fromMs / 1000,
        toSecond: toMs / 1000,
        stepSeconds: 1,
      });
      const random = new SeededRandom(seed);
      for (const { source_id, template_id, t, count } of rows) {
        const voice = voices.find(({ id, service }) => id === template_id && service === source_id);
        if (voice === undefined) continue;
        // One in four, as a sample of a busy range is.
        for (let i = 0; i < count; i += 4) yield lineOf(voice, t, planted, random);
      }
    },
    now: () => RANGE_TO * 1000,
  });
}

function lineOf(voice: Voice, second: number, { level, value }: Change, random: SeededRandom): RangeLine {
  const message = voice.text.replaceAll(
    '<*>',
    () => value?.(voice, random) ?? Math.floor(random.uniform() * 1e6).toString(36),
  );
  return { source_id: voice.service, at_ms: second * 1000, level: level?.(voice) ?? voice.level, message };
}

function aTemplateOf(id: string, voices: readonly Voice[]): Template {
  const uses = voices.filter((voice) => voice.id === id);
  const [{ text, level, since }] = uses;
  const count = uses.reduce((sum, { perMinute }) => sum + perMinute * 60 * 24 * 40, 0);
  return {
    template_id: id,
    text,
    name: null,
    pinned: false,
    cluster_id: id,
    first_seen_ms: since * 1000,
    last_seen_ms: RANGE_TO * 1000,
    count,
    levels: Object.fromEntries(LEVELS.map((one) => [one, one === level ? count : 0])) as Template['levels'],
    services: uses.map(({ service }) => ({ source_id: service, service, count: 1 })),
    examples: [],
  };
}

function aSourceOf(service: string): Source {
  return { ...aSource({ source_id: service, service, time_zone: 'UTC' }), first_seen_ms: FIRST_SEEN * 1000 };
}

/** The same text is the same template, whoever says it. */
function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
