/** Longest message that is taken whole (design: reliability A13). */
export const MAX_SYSLOG_BYTES = 64 * 1024;
/** "1000000 " would be an octet count that nobody sends: then the digits belong to the text of a message. */
const MAX_COUNT_DIGITS = 7;

const LF = 0x0a;
const NUL = 0;
const SPACE = 0x20;

/** What begins at a place of a stream of syslog messages. One object, filled anew by every `look`. */
export class SyslogFrame {
  /** `partial`: more bytes are needed. `bad`: an octet count that cannot be true. */
  state: 'whole' | 'partial' | 'bad' = 'partial';
  /** The message, without its framing. */
  start = 0;
  end = 0;
  /** Where the next frame begins. */
  next = 0;

  /**
   * RFC 6587, told apart anew at every message: digits, a blank and `<` are an octet count, anything else lasts until a
   * line feed (or NUL, as some appliances end theirs).
   * @param isWhole nothing will follow: what has no end ends here
   */
  look(bytes: Uint8Array, at: number, end: number, isWhole: boolean): void {
    let i = at;
    let count = 0;
    while (i < end && i - at < MAX_COUNT_DIGITS && bytes[i] >= 0x30 && bytes[i] <= 0x39)
      count = count * 10 + bytes[i++] - 0x30;
    const isUndecided = i === end || (i > at && bytes[i] === SPACE && i + 1 === end);
    if (i > at && isUndecided && !isWhole) {
      this.state = 'partial';
      return;
    }
    const first = bytes[at];
    if (i > at && first !== 0x30 && bytes[i] === SPACE && bytes[i + 1] === 0x3c) {
      this.start = i + 1;
      this.end = i + 1 + count;
      this.next = this.end;
      this.state = this.end <= end ? 'whole' : count > MAX_COUNTED_BYTES ? 'bad' : isWhole ? 'bad' : 'partial';
      return;
    }
    let newline = bytes.indexOf(LF, at);
    const nul = newline < 0 ? bytes.indexOf(NUL, at) : -1;
    if (newline < 0 || newline >= end) newline = nul >= 0 && nul < end ? nul : -1;
    if (newline < 0) {
      this.state = isWhole ? 'whole' : 'partial';
      newline = end;
      this.next = end;
    } else {
      this.state = 'whole';
      this.next = newline + 1;
    }
    this.start = at;
    this.end = newline > at && bytes[newline - 1] === 0x0d ? newline - 1 : newline;
  }
}

/** A counted message that is longer is no message: the count lies, and nothing behind it can be trusted. */
const MAX_COUNTED_BYTES = 1024 * 1024;
