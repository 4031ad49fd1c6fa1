import { FILLERS, MEANINGS, type Meaning } from './log-language.ts';

/** What a template is about. */
export interface TemplateFeatures {
  /** What went wrong; null of a message in which nothing did. */
  readonly meaning: Meaning | null;
  /** Feature → weight. */
  readonly weights: ReadonlyMap<string, number>;
  /** Hosts, services, databases, paths, as written; most telling first. */
  readonly resources: readonly string[];
}

/** Beyond that comes the tail of a stack trace, which says where and no longer what. */
const MAX_CHARACTERS = 600;
const MAX_WORD_LINES = 2;
/**
 * What two texts have in common counts for more where it is chosen by a programmer to name the thing: a meaning and an
 * error code name the failure, a resource its place, a word anything.
 */
const WEIGHT = { meaning: 6, generalMeaning: 1, exception: 3, code: 3, resource: 2, stem: 1 } as const;
/** Two texts that both name where it happened, and not the same place, are so much less alike. */
const ELSEWHERE = 0.7;

const EXCEPTION = /\b(?:[A-Za-z]\w*\.)*([A-Z]\w*(?:Exception|Error|Failure|Fault))\b/g;
/** ECONNREFUSED, ORA-12541, SQLSTATE 40P01, PAYMENT_TIMEOUT, and HTTP statuses of failures. */
const CODE = /\bE[A-Z]{4,}\b|\b[A-Z]{2,}-\d{2,}\b|\bSQLSTATE \w{5}\b|\b[A-Z]{2,}(?:_[A-Z\d]+)+\b|\b[45]\d\d\b/g;
/** A path, or a name with a hyphen or dot in it: payment-db, db-primary, api.example.com. */
const PATH = /(?:^|[\s"'(=])(\/[\w.-]+(?:\/[\w.<*>-]+)*)/g;
const NAME = /\b[a-z][a-z\d]*(?:[-.][a-z\d]+)+\b/g;
/** Names like these say which machine or part it is; other hyphened words are just words. */
const RESOURCE =
  /(?:^|[-.])(?:db|database|service|svc|api|gateway|cache|redis|kafka|queue|broker|primary|replica|server|host|node|cluster|com|net|org|io|local|internal|postgres|mysql|mongo|s3|proxy)(?:[-.]|$)/;
const WORD = /[a-z][a-z']+/g;

/** Pure and cheap (a few microseconds); whoever asks often keeps the answer. */
export function featuresOf(templateText: string): TemplateFeatures {
  const text = templateText.slice(0, MAX_CHARACTERS);
  const head = text.split('\n', MAX_WORD_LINES).join(' ');
  const spoken = spokenOf(text);
  const [meaning = null, ...others] = MEANINGS.filter(({ wordings }) => wordings.test(spoken));
  const weights = new Map<string, number>();
  if (meaning !== null)
    weights.set(`meaning ${meaning.id}`, meaning.isGeneral ? WEIGHT.generalMeaning : WEIGHT.meaning);
  for (const { id, isGeneral } of others) if (!isGeneral) weights.set(`meaning ${id}`, WEIGHT.generalMeaning);
  for (const [, name] of text.matchAll(EXCEPTION)) weights.set(`exception ${name}`, WEIGHT.exception);
  for (const [code] of head.matchAll(CODE)) weights.set(`code ${code}`, WEIGHT.code);
  const resources = resourcesOf(head);
  for (const resource of resources) weights.set(`resource ${resource}`, WEIGHT.resource);
  // The words of the meaning itself have been counted with it.
  const rest = meaning === null ? spokenOf(head) : spokenOf(head).replace(meaning.wordings, ' ');
  for (const [word] of rest.matchAll(WORD)) {
    if (!FILLERS.has(word) && word.length > 2) weights.set(`word ${stemOf(word)}`, WEIGHT.stem);
  }
  return { meaning, weights, resources };
}

/**
 * How much two templates (or clusters) are about the same: 0 … 1, the weighted Dice coefficient (twice what both have ÷
 * what each has). Nothing in common where one says that something failed and the other does not, or fails otherwise.
 */
export function similarityOf(
  one: Pick<TemplateFeatures, 'meaning' | 'weights'>,
  other: Pick<TemplateFeatures, 'meaning' | 'weights'>,
): number {
  if (one.meaning !== other.meaning) return 0;
  let shared = 0;
  let all = 0;
  let hasPlace = false;
  let samePlace = false;
  for (const [feature, weight] of one.weights) {
    const both = Math.min(weight, other.weights.get(feature) ?? 0);
    all += weight;
    shared += both;
    if (!feature.startsWith('resource ')) continue;
    hasPlace = true;
    samePlace ||= both > 0;
  }
  let otherHasPlace = false;
  for (const [feature, weight] of other.weights) {
    all += weight;
    otherHasPlace ||= feature.startsWith('resource ');
  }
  const isElsewhere = hasPlace && otherHasPlace && !samePlace;
  return all === 0 ? 0 : ((2 * shared) / all) * (isElsewhere ? ELSEWHERE : 1);
}

function resourcesOf(text: string): string[] {
  const names = Array.from(text.matchAll(NAME), ([name]) => name).filter((name) => RESOURCE.test(name));
  const paths = Array.from(text.matchAll(PATH), ([, path]) => path);
  return [...new Set([...names, ...paths])].slice(0, 5);
}

/** Lower case, camelCase and snake_case taken apart, variables kept as they are. */
function spokenOf(text: string): string {
  return text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
}

/** Endings taken off, so that declined, declines and declining are one: not grammar, but enough for that. */
function stemOf(word: string): string {
  const plain = word.replace(/'(?:s|t)?$/, '');
  if (plain.length > 5 && plain.endsWith('ies')) return `${plain.slice(0, -3)}y`;
  for (const ending of [
    'ations',
    'ation',
    'ments',
    'ment',
    'ings',
    'ing',
    'ions',
    'ion',
    'ers',
    'ed',
    'er',
    'es',
    's',
  ]) {
    if (plain.length - ending.length >= 4 && plain.endsWith(ending))
      return plain.slice(0, -ending.length).replace(/e$/, '');
  }
  return plain.length > 4 ? plain.replace(/e$/, '') : plain;
}
