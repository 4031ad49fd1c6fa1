/** Finds the template of a line by its text: for the few lines that are shown, not for counting. */

const VARIABLE = '<*>';

export interface KnownTemplate {
  readonly id: string;
  readonly text: string;
}

/** A line of a template, with what stood in its varying parts, in order. */
export interface TemplateMatch {
  readonly templateId: string;
  readonly values: readonly string[];
}

interface Pattern {
  readonly id: string;
  /** The fixed text between the variables: one more than there are variables. */
  readonly pieces: readonly string[];
  /** Characters that are fixed: of two templates that fit, the one that says more is meant. */
  readonly fixed: number;
}

/** Texts that begin with the same letters are tried together; a template that begins with a variable is always tried. */
const KEY_LETTERS = 4;
/** Lines that are searched for a template behind a header: each takes a look at every template. */
const MOST_HEADER_SEARCHES = 2000;

export class TemplateMatcher {
  readonly #patterns: readonly Pattern[];
  readonly #byKey = new Map<string, Pattern[]>();
  readonly #open: readonly Pattern[];
  #headerSearches = 0;

  constructor(templates: readonly KnownTemplate[]) {
    this.#patterns = templates.map(patternOf).toSorted((a, b) => b.fixed - a.fixed);
    this.#open = this.#patterns.filter((pattern) => keyOf(pattern) === null);
    for (const pattern of this.#patterns) {
      const key = keyOf(pattern);
      if (key === null) continue;
      const known = this.#byKey.get(key);
      if (known === undefined) this.#byKey.set(key, [pattern]);
      else known.push(pattern);
    }
  }

  /** In time linear in the line for each template tried: no backtracking, whatever the line. */
  match(line: string): TemplateMatch | null {
    const [first] = line.split('\n', 1);
    // A stack trace goes by its first line.
    return this.#matchText(spaced(line)) ?? (first.length < line.length ? this.#matchText(spaced(first)) : null);
  }

  #matchText(text: string): TemplateMatch | null {
    const near = this.#byKey.get(text.slice(0, KEY_LETTERS)) ?? [];
    const found = firstMatch(near, (pieces) => valuesOf(text, pieces, 0));
    if (found !== null) return found;
    const open = firstMatch(this.#open, (pieces) => valuesOf(text, pieces, 0));
    if (open !== null || this.#headerSearches >= MOST_HEADER_SEARCHES) return open;
    this.#headerSearches++;
    return firstMatch(this.#patterns, (pieces) => valuesBehindHeader(text, pieces));
  }
}

/** Null of a template whose first fixed text is too short to go by. */
function keyOf({ pieces }: Pattern): string | null {
  const [first] = pieces;
  return first.length < KEY_LETTERS ? null : first.slice(0, KEY_LETTERS);
}

function firstMatch(
  patterns: readonly Pattern[],
  valuesIn: (pieces: readonly string[]) => string[] | null,
): TemplateMatch | null {
  for (const { id, pieces } of patterns) {
    const values = valuesIn(pieces);
    if (values !== null) return { templateId: id, values };
  }
  return null;
}

function patternOf({ id, text }: KnownTemplate): Pattern {
  const pieces = spaced(text).split(VARIABLE);
  return { id, pieces, fixed: pieces.reduce((sum, piece) => sum + piece.length, 0) };
}

/** A line of a file has its time and host before what its template says. */
function valuesBehindHeader(text: string, pieces: readonly string[]): string[] | null {
  const [first] = pieces;
  if (first === undefined || first.length < 4) return null;
  const at = text.indexOf(first);
  return at > 0 ? valuesOf(text, pieces, at) : null;
}

function valuesOf(text: string, pieces: readonly string[], from: number): string[] | null {
  const first = pieces[0] ?? '';
  if (!text.startsWith(first, from)) return null;
  const values: string[] = [];
  let at = from + first.length;
  for (const [index, piece] of pieces.entries()) {
    if (index === 0) continue;
    const isLast = index === pieces.length - 1;
    // The last piece ends the line; one without text takes what is left.
    const end =
      isLast && (piece === '' || text.endsWith(piece)) ? text.length - piece.length : text.indexOf(piece, at + 1);
    if (end < at || (isLast && !text.endsWith(piece))) return null;
    values.push(text.slice(at, end));
    at = end + piece.length;
  }
  return at === text.length ? values : null;
}

/** A template has one blank wherever its lines have any space. */
function spaced(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
