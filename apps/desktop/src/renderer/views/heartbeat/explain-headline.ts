import type { ExplainRow } from '@sentinellog/shared';
import type { ExplainTotals } from '../../stores/explanation.ts';
import { exactly, percent, plural } from '../../words/quantity.ts';

/** As many patterns as one keeps in mind. */
const MOST_NAMED = 3;
/** From this share on they are the explanation. */
const ENOUGH = 0.9;
/** A difference within this share of what was expected is none. */
const AS_EXPECTED = 0.05;

export interface Headline {
  /** `3 patterns explain 94 % of 18,402 extra lines` */
  readonly words: string;
  /** How its numbers come together, to the line. */
  readonly sum: string;
}

/** The answer in one sentence that adds up: of the lines too many, or too few, how many come from how few patterns. */
export function headlineOf(rows: readonly ExplainRow[], totals: ExplainTotals): Headline {
  const { total, expected, excess, remainder } = totals;
  const size = Math.abs(excess);
  const fresh = rows.filter(({ status }) => status === 'new').length;
  const rest = remainder === null ? null : remainder.count - remainder.expected;
  const inRows = rows.reduce((all, row) => all + row.excess, 0);
  const sum = `${exactly(total)} lines, ${exactly(expected)} expected: ${signed(excess)}${
    rest === null ? '' : ` = ${signed(inRows)} in ${plural(rows.length, 'row')} ${signed(rest)} in the remainder`
  }`;
  if (total === 0 && expected === 0) return { words: 'No lines in this range, and none expected', sum };
  if (size <= expected * AS_EXPECTED) {
    const words = `As many lines as expected${fresh > 0 ? `, but ${plural(fresh, 'new pattern')}` : ''}`;
    return { words, sum };
  }
  const isMore = excess > 0;
  const sameWay = rows.map((row) => (isMore ? row.excess : -row.excess)).filter((part) => part > 0);
  const { count, explained } = fewest(sameWay, size);
  if (count === 0)
    return { words: `${exactly(size)} ${isMore ? 'extra' : 'missing'} lines, in no single pattern`, sum };
  const patterns = plural(count, 'pattern');
  const verb = count === 1 ? '' : 's';
  // Others went the other way, so that these alone come to more than the whole: a share would be over 100 %.
  if (explained > size) {
    const other = `others ${isMore ? 'fell short by' : 'brought'} ${exactly(explained - size)}`;
    return {
      words: `${patterns} ${isMore ? 'brought' : 'lack'} ${exactly(explained)} ${isMore ? 'extra ' : ''}lines; ${other}`,
      sum,
    };
  }
  const explain = verb === '' ? 'explains' : 'explain';
  return {
    words: `${patterns} ${explain} ${percent(Math.floor((explained / size) * 100) / 100)} of ${exactly(size)} ${isMore ? 'extra' : 'missing'} lines`,
    sum,
  };
}

/** As few of the largest as come to most of it. */
function fewest(parts: readonly number[], whole: number): { readonly count: number; readonly explained: number } {
  let explained = 0;
  let count = 0;
  for (const part of parts.toSorted((a, b) => b - a)) {
    if (count === MOST_NAMED || explained >= whole * ENOUGH) break;
    explained += part;
    count++;
  }
  return { count, explained };
}

/** `+18,402`, `−312`, with the sign that reads as one. */
export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${exactly(Math.abs(value))}`;
}
