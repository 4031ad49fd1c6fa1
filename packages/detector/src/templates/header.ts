import { BYTE_CLASS, DIGIT, DOT, LETTER, UPPER } from './byte-classes.ts';
import { codeOf, FNV_START, stepWord, wordCode } from './word-code.ts';

/*
 * Where the message begins behind a line's header (time, host, level, process, component), told by shape, not by system.
 * A header taken for message splits templates; message taken for header is nearly harmless, as the rest mostly says the same.
 */

const upperAndLower = (words: string): ReadonlySet<number> =>
  new Set(
    words
      .split(' ')
      .flatMap((word) => [word, word.toUpperCase(), `${word[0].toUpperCase()}${word.slice(1)}`])
      .map(codeOf),
  );

const LEVELS = upperAndLower(
  'trace debug info notice warn warning error err critical crit alert emerg fatal severe fine finer finest verbose ' +
    'information panic failure config',
);
/** A level of one letter counts only in a header, behind a time. */
const LETTER_LEVELS: ReadonlySet<number> = new Set(['V', 'D', 'I', 'W', 'E', 'F', 'T', 'N', 'C', 'A', 'S'].map(codeOf));
const CALENDAR = upperAndLower(
  'jan feb mar apr may jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun am pm utc gmt cet cest est edt ' +
    'pst pdt z',
);

/** So many words may stand before the first time, and between one time and the next. */
const BEFORE_TIME = 6;
const BETWEEN_TIMES = 3;
/** Words between the time and the level (facility, logger), or the host, the tag and what it adds in brackets. */
const BEFORE_LEVEL = 4;
const BEFORE_TAG = 3;
const MAX_FIELDS = 4;
const MAX_HEADER_BYTES = 320;
const MAX_GROUP_BYTES = 200;

const SPACE = 32;
const HASH = 35;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const PLUS = 43;
const COMMA = 44;
const DASH = 45;
const SLASH = 47;
const COLON = 58;
const SEMICOLON = 59;
const LESS = 60;
const EQUALS = 61;
const GREATER = 62;
const AT = 64;
const OPEN_SQUARE = 91;
const CLOSE_SQUARE = 93;
const UNDERSCORE = 95;
const PIPE = 124;
const DOLLAR = 36;
const DOT_BYTE = 46;
const ONE = 49;

/** Six or eight digits that may be a date (yymmdd, yyyymmdd), or a clock time (hhmmss). */
const COMPACT_DATE = 1;
const COMPACT_CLOCK = 2;

/** What a header's word looks like. */
const END = 0;
const TIME = 1;
const NUMBER = 2;
const CALENDAR_WORD = 3;
const LEVEL = 4;
const LETTER_LEVEL = 5;
const RULE = 6;
const NAME = 7;
const WORD = 8;

/** "information" */
const LONGEST_KNOWN = 11;

/** Counts of digits, letters, dividers and colons in one number; a header's word is too short for them to run over. */
const TALLY = new Int32Array(256);
/** What else a word contains. */
const SEEN = new Uint8Array(256);
const BRACKET = 1;
const EQUAL_SIGN = 2;
const MARK = 4;
const OTHER = 8;
for (let byte = 33; byte < 256; byte++) {
  const bits = BYTE_CLASS[byte];
  if ((bits & DIGIT) !== 0) TALLY[byte] = 1;
  else if ((bits & LETTER) !== 0) TALLY[byte] = 1 << 9;
  else if (byte === DASH || byte === SLASH || byte === DOT_BYTE) TALLY[byte] = 1 << 18;
  else if (byte === COLON) TALLY[byte] = 1 << 25;
  else if ([OPEN_SQUARE, CLOSE_SQUARE, OPEN_PAREN, CLOSE_PAREN, LESS, GREATER].includes(byte)) SEEN[byte] = BRACKET;
  else if (byte === EQUALS) SEEN[byte] = EQUAL_SIGN;
  else if ([UNDERSCORE, DOLLAR, AT, HASH].includes(byte)) SEEN[byte] = MARK;
  else if (byte !== COMMA && byte !== PLUS) SEEN[byte] = OTHER;
}

/** Finds headers. One object for all lines: it keeps the word under the cursor in its fields. */
export class HeaderReader {
  /** Behind the last byte that the answer depends on. Of digits it depends on which bytes are some, and on `questions`. */
  reach = 0;
  /** What was asked of the value of digits, the first `asked` of these. */
  readonly questions = new Int32Array(MAX_QUESTIONS);
  asked = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The word under the cursor: its first byte, and the first byte behind it. */
  #from = 0;
  #to = 0;
  #endsInColon = false;
  #hasBracket = false;
  #hasEquals = false;

  /** Behind the header of the line in bytes `start` (inclusive) to `end` (exclusive); `start` itself if it has none. */
  headerEnd(bytes: Uint8Array, start: number, end: number): number {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = Math.min(end, start + MAX_HEADER_BYTES);
    this.reach = start;
    this.asked = 0;
    // Most messages without a header begin with a word, and nothing else begins so.
    if (this.#read(start) === WORD && !this.#isAllUpper()) return start;
    const afterTime = this.#skipTimes(start);
    return afterTime === start ? this.#skipLeadingLevel(start) : this.#skipOrigin(afterTime);
  }

  #skipTimes(start: number): number {
    let cut = start;
    let at = start;
    let waiting = 0;
    let allowed = BEFORE_TIME;
    for (;;) {
      const kind = this.#read(at);
      if (kind === END) return cut;
      at = this.#to;
      if (kind === TIME) {
        if (cut === start && this.#isPlainNumber() && this.#from === start && this.#to - start > 8) {
          // "1121496582 bytes sent": a number alone is a time only if a header goes on behind it.
          const next = this.#read(at);
          if (next === END || ((next === WORD || next === NAME) && !this.#hasBracket && !this.#endsInColon))
            return start;
          at = cut = this.#from;
          continue;
        }
        cut = at;
        waiting = 0;
        allowed = BETWEEN_TIMES;
        // A time in a delimited header ("time|component|id|message") is followed by its delimiter.
        if (this.#bytes[at] === PIPE) return cut;
        continue;
      }
      if (kind === CALENDAR_WORD && cut > start && waiting === 0) {
        const next = this.#read(at);
        if (next !== TIME && next !== NUMBER) {
          // "… 10:31 PM", "… UTC"
          if (this.#endsInColon && next === END) return cut;
          cut = at;
          continue;
        }
      }
      if (kind === LEVEL && cut > start) return cut;
      if (kind === WORD && this.#from === start && this.#isAllUpper()) {
        // An alert's label in front of everything: "KERNDTLB 1118536327 2005.06.11 …"
        if (this.#read(at) === TIME) continue;
        return start;
      }
      if (kind === WORD || this.#hasEquals || ++waiting > allowed) return cut;
      if (cut > start && this.#endsInColon) return cut;
    }
  }

  /** Without a time, only a level at the very start makes a header: `INFO …`, `[warn] …`, `<6>…`. */
  #skipLeadingLevel(start: number): number {
    const kind = this.#read(start);
    if (kind !== LEVEL) return start;
    const isMarked = this.#hasBracket || this.#isAllUpper();
    return isMarked ? this.#skipComponent(this.#to, false) : start;
  }

  /** Behind the time: level and component, or host and tag, or delimited fields. */
  #skipOrigin(afterTime: number): number {
    if (this.#bytes[afterTime] === PIPE) return this.#skipFields(afterTime);
    let cut = afterTime;
    // The year of "Sun Dec 04 20:32:37 2005", pids, thread ids, dashes.
    let at = cut;
    let kind = this.#read(at);
    while ((kind === NUMBER && this.#isPlainNumber()) || kind === RULE) {
      cut = at = this.#to;
      kind = this.#read(at);
    }
    for (let skipped = 0; skipped <= BEFORE_LEVEL && kind !== END; skipped++) {
      if (kind === LEVEL && (skipped < 2 || this.#isAllUpper() || this.#hasBracket)) {
        return this.#skipComponent(this.#to, false);
      }
      if (kind === LETTER_LEVEL && skipped === 0) return this.#skipComponent(this.#to, true);
      if (this.#endsInColon || this.#hasEquals) break;
      at = this.#bytes[this.#from] === OPEN_SQUARE ? this.#groupEnd(this.#from) : this.#to;
      if (at < 0) break;
      kind = this.#read(at);
    }
    at = cut;
    for (let skipped = 0; skipped < BEFORE_TAG; skipped++) {
      kind = this.#read(at);
      if (kind === END) return cut;
      if (kind === RULE && skipped > 0) return this.#to; // "program - message"
      if (this.#endsInColon) return skipped > 0 || this.#hasBracket || this.#looksLikeComponent() ? this.#to : cut;
      if (this.#hasEquals) return cut;
      at = this.#to;
    }
    return cut;
  }

  #skipFields(afterTime: number): number {
    let cut = afterTime;
    for (let field = 0; field <= MAX_FIELDS; field++) {
      const next = this.#fieldEnd(cut + 1, field === 0 ? PIPE : SPACE);
      if (next >= this.#end || this.#bytes[next] !== PIPE) break;
      cut = next;
    }
    return cut + 1;
  }

  /** The next bar, or `other` byte, or the end. */
  #fieldEnd(from: number, other: number): number {
    let at = from;
    while (at < this.#end && this.#bytes[at] !== PIPE && this.#bytes[at] !== other) at++;
    this.#sees(at);
    return at;
  }

  /** Behind the level: process and thread numbers, `[thread]`, dashes, the logger's name. */
  #skipComponent(afterLevel: number, always: boolean): number {
    let cut = afterLevel;
    let groups = 0;
    for (let words = 0; words < 8; words++) {
      const kind = this.#read(cut);
      if (kind === END) return cut;
      if (this.#bytes[this.#from] === OPEN_SQUARE && groups < 2) {
        const groupEnd = this.#groupEnd(this.#from);
        if (groupEnd < 0) return cut;
        groups++;
        cut = groupEnd;
        continue;
      }
      if (this.#hasEquals) return cut;
      if (this.#endsInColon) return always || this.#looksLikeComponent() ? this.#to : cut;
      if (kind === RULE) cut = this.#to;
      else if (kind === NUMBER && words === 0 && this.#isPlainNumber()) {
        // A process number; "INFO 12 files copied" begins with one of the message's.
        const number = this.#to;
        const next = this.#read(number);
        if (next !== RULE && this.#bytes[this.#from] !== OPEN_SQUARE) return cut;
        cut = number;
      } else if (this.#isDottedName() || (words < 2 && this.#isPadded())) cut = this.#to;
      else {
        // `Tag : message`
        const to = this.#to;
        if (always && this.#read(to) === RULE && this.#bytes[this.#from] === COLON) return this.#to;
        return cut;
      }
    }
    return cut;
  }

  /** Reads the word at or after `at` into the fields and says what it looks like. */
  #read(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    while (at < end && (bytes[at] <= SPACE || bytes[at] === PIPE)) at++;
    this.#from = at;
    this.#endsInColon = this.#hasBracket = this.#hasEquals = false;
    let tally = 0;
    let seen = 0;
    let last = 0;
    while (at < end) {
      const byte = bytes[at];
      if (byte <= SPACE || byte === PIPE) break;
      tally += TALLY[byte];
      seen |= SEEN[byte];
      last = byte;
      at++;
    }
    this.#hasBracket = (seen & BRACKET) !== 0;
    this.#hasEquals = (seen & EQUAL_SIGN) !== 0;
    const digits = tally & 0x1ff;
    const letters = (tally >>> 9) & 0x1ff;
    const dividers = (tally >>> 18) & 0x7f;
    const colons = tally >>> 25;
    const isMarked = (seen & MARK) !== 0;
    this.#to = at;
    this.#sees(at);
    if (at === this.#from) return END;
    this.#endsInColon = last === COLON && letters + digits > 0;
    if (letters + digits === 0) return RULE;
    if ((seen & OTHER) !== 0 && last !== SEMICOLON) return WORD;
    if (letters === 0 || (letters <= 2 && digits >= 8 && dividers + colons >= 3)) {
      if (isMarked) return NUMBER;
      const isDate = dividers >= 2 && digits >= 6 && digits <= 23;
      const isClock = colons >= 2 && digits >= 4 && digits <= 23;
      const isShortDate = dividers === 1 && digits === 4 && colons === 0;
      const isEpoch = (digits === 10 || digits === 13) && dividers <= 1 && this.#beginsWithOne();
      const isCompact = (digits === 6 || digits === 8) && dividers + colons === 0 && !this.#hasBracket;
      if (isDate || isClock || isEpoch || isShortDate) return this.#isAddress(dividers, colons) ? NUMBER : TIME;
      return isCompact && this.#isTwoPartTime(digits) ? TIME : NUMBER;
    }
    if (digits === 0 && dividers === 0 && !isMarked && letters <= LONGEST_KNOWN) {
      const code = this.#lettersCode();
      if (LEVELS.has(code)) return LEVEL;
      if (letters === 1 && LETTER_LEVELS.has(code)) return LETTER_LEVEL;
      if (CALENDAR.has(code)) return CALENDAR_WORD;
    }
    if (digits > 0 || dividers > 0 || isMarked || this.#hasBracket) return NAME;
    return WORD;
  }

  /** The word's letters without the brackets and commas around them. */
  #lettersCode(): number {
    let hash = FNV_START;
    for (let at = this.#from; at < this.#to; at++) {
      const byte = this.#bytes[at];
      if ((BYTE_CLASS[byte] & LETTER) !== 0) hash = stepWord(hash, byte);
    }
    return wordCode(hash);
  }

  /** 10.250.11.53 is no date: a date has two or three parts. */
  #isAddress(dividers: number, colons: number): boolean {
    const dots = this.#count(DOT_BYTE);
    return (dots === 3 && dividers === 3 && colons <= 1) || dots > 3;
  }

  /** "081109 203518", "20250302 104502": two plain numbers of six or eight digits at the start of the line. */
  #isTwoPartTime(digits: number): boolean {
    const bytes = this.#bytes;
    const from = this.#from;
    const kind = this.#ask(from, digits);
    const next = this.#to + 1;
    let length = 0;
    while (next + length < this.#end && (BYTE_CLASS[bytes[next + length]] & DIGIT) !== 0) length++;
    this.#sees(next + length);
    if ((kind & COMPACT_DATE) !== 0 && length === 6) return true;
    return (kind & COMPACT_CLOCK) !== 0 && from - this.#start >= 7 && (BYTE_CLASS[bytes[from - 2]] & DIGIT) !== 0;
  }

  /** Whether the word's first digit is a 1, as in seconds since 1970 between 2001 and 2033. */
  #beginsWithOne(): boolean {
    let at = this.#from;
    while ((BYTE_CLASS[this.#bytes[at]] & DIGIT) === 0) at++;
    return this.#ask(at, 1) === 1;
  }

  #ask(at: number, digits: number): number {
    const question = ((at - this.#start) << QUESTION_DIGITS) | digits;
    if (this.asked < MAX_QUESTIONS) this.questions[this.asked++] = question;
    else this.reach = Number.POSITIVE_INFINITY;
    return answerOf(this.#bytes, this.#start, this.#end, question);
  }

  #sees(at: number): void {
    if (at >= this.reach) this.reach = at + 1;
  }

  #count(byte: number): number {
    let count = 0;
    for (let at = this.#from; at < this.#to; at++) if (this.#bytes[at] === byte) count++;
    return count;
  }

  #isPlainNumber(): boolean {
    for (let at = this.#from; at < this.#to; at++) {
      const byte = this.#bytes[at];
      if ((BYTE_CLASS[byte] & DIGIT) === 0 && byte !== OPEN_SQUARE && byte !== CLOSE_SQUARE) return false;
    }
    return true;
  }

  #isAllUpper(): boolean {
    for (let at = this.#from; at < this.#to; at++) {
      const bits = BYTE_CLASS[this.#bytes[at]];
      if ((bits & LETTER) !== 0 && (bits & UPPER) === 0) return false;
    }
    return true;
  }

  /** `dfs.DataNode$PacketResponder:`, `PowerManager:`, `sshd[12]:`; not `failed:`. */
  #looksLikeComponent(): boolean {
    if (this.#hasBracket) return true;
    for (let at = this.#from + 1; at < this.#to - 1; at++) {
      const byte = this.#bytes[at];
      if ((BYTE_CLASS[byte] & (UPPER | DOT)) !== 0 || byte === DOLLAR || byte === SLASH || byte === AT) return true;
    }
    return false;
  }

  /** `nova.compute.manager`: dots between letters, nothing else. */
  #isDottedName(): boolean {
    let dots = 0;
    for (let at = this.#from; at < this.#to; at++) {
      const byte = this.#bytes[at];
      const bits = BYTE_CLASS[byte];
      if ((bits & DOT) !== 0) dots++;
      else if ((bits & (LETTER | DIGIT)) === 0 && byte !== UNDERSCORE && byte !== DOLLAR && byte !== DASH) return false;
    }
    const isLetter = (at: number) => (BYTE_CLASS[this.#bytes[at]] & LETTER) !== 0;
    return dots > 0 && isLetter(this.#from) && this.#bytes[this.#to - 1] !== DOT_BYTE;
  }

  /** Behind the `]` that closes the group opened at `open`, and a colon after it; -1 if it is not closed soon. */
  #groupEnd(open: number): number {
    const limit = Math.min(this.#end, open + MAX_GROUP_BYTES);
    let depth = 0;
    for (let at = open; at < limit; at++) {
      const byte = this.#bytes[at];
      if (byte === OPEN_SQUARE) depth++;
      else if (byte === CLOSE_SQUARE && --depth === 0) {
        this.#sees(at + 1);
        return this.#bytes[at + 1] === COLON ? at + 2 : at + 1;
      }
    }
    this.#sees(limit);
    return -1;
  }

  /** Followed by more than one blank: a column of its own. */
  #isPadded(): boolean {
    this.#sees(this.#to + 1);
    return this.#to + 1 < this.#end && this.#bytes[this.#to] === SPACE && this.#bytes[this.#to + 1] === SPACE;
  }
}

/** Of the digits at an offset of a line: whether one is a 1; whether six or eight are a date or a clock time. The offset above their number. */
export type HeaderQuestion = number;
const QUESTION_DIGITS = 4;
const MAX_QUESTIONS = 16;

/** What the line in bytes `start` to `end` says to a question; 0 if it is shorter. */
export function answerOf(bytes: Uint8Array, start: number, end: number, question: HeaderQuestion): number {
  const digits = question & ((1 << QUESTION_DIGITS) - 1);
  const from = start + (question >> QUESTION_DIGITS);
  if (from + digits > end) return 0;
  if (digits === 1) return bytes[from] === ONE ? 1 : 0;
  const two = (at: number) => (bytes[at] - 48) * 10 + bytes[at + 1] - 48;
  const month = two(from + digits - 4);
  const day = two(from + digits - 2);
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  const isClock = digits === 6 && two(from) < 24 && two(from + 2) < 60 && two(from + 4) < 60;
  return (isDate ? COMPACT_DATE : 0) | (isClock ? COMPACT_CLOCK : 0);
}
