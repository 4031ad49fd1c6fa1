import { FILLERS } from './log-language.ts';
import type { TemplateFeatures } from './template-features.ts';

const MOST_WORDS = 6;
const MOST_CHARACTERS = 60;
/** All that is left of an access log's line without its variables. */
const HTTP_METHOD = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/;

/**
 * What people would call it: "Timeouts calling payment-service", "Card declined".
 * @param text of the template that founded the cluster
 * @param target what most of its templates name; undefined where they name nothing in common
 */
export function clusterName(text: string, { meaning }: Pick<TemplateFeatures, 'meaning'>, target?: string): string {
  const sentence = sentenceOf(text);
  if (meaning === null || meaning.id === 'failed') return sentence;
  if (target !== undefined) return `${meaning.phrase} ${meaning.towards} ${target}`;
  // What already says so in a few words of its own is better than our word for it.
  return sentence.split(' ').length >= 2 && meaning.wordings.test(sentence.toLowerCase()) ? sentence : meaning.phrase;
}

/** The first words of a template up to the first stop, without variables and without what then dangles. */
function sentenceOf(text: string): string {
  const [clause] = text.split(/\n|[:;!?,] |\. | - /, 1);
  const words = wordsOf(clause);
  const kept = (words.length > 0 ? words : wordsOf(text)).slice(0, MOST_WORDS);
  while (kept.length > 1 && FILLERS.has(kept.at(-1)!.toLowerCase())) kept.pop();
  const sentence = kept
    .join(' ')
    .slice(0, MOST_CHARACTERS)
    .replace(/[^\p{L}\p{N})%]+$/u, '');
  if (sentence === '') return 'Messages without words';
  if (HTTP_METHOD.test(sentence)) return `${sentence} requests`;
  return sentence[0].toUpperCase() + sentence.slice(1);
}

/** The fixed words: not what a variable is glued to, not its name before `=`, nor the preposition before it or its unit. */
function wordsOf(text: string): string[] {
  const tokens = text
    .replaceAll(/[\w.-]+=(?:<\*>|\S+)/g, ' ')
    .replaceAll(/["'`()[\]{}|]+/g, ' ')
    .split(/\s+/);
  return tokens.filter((token, at) => {
    if (token.includes('<*>') || !/[a-z\d]/i.test(token)) return false;
    const isBesideVariable = [tokens[at - 1], tokens[at + 1]].some((beside) => beside?.includes('<*>'));
    return !(isBesideVariable && FILLERS.has(token.toLowerCase()));
  });
}
