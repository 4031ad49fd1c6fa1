/** HOT: no object, string or closure per message. */
import { SyslogFrame } from '../pipeline/syslog-framing.ts';
import { SCAN_STEP } from './event-scan.ts';
import { FieldScan } from './field-scan.ts';

/**
 * Syslog messages in the framing of RFC 6587, line feeds and octet counts mixed as they came, behind a text head. A
 * message that cannot be read is an event all the same: its whole text is the message.
 */
export class SyslogScan extends FieldScan {
  readonly #frame = new SyslogFrame();

  protected step(): number {
    const { bytes, fields, ready } = this;
    const frame = this.#frame;
    const end = bytes.length;
    if (ready === undefined) return SCAN_STEP.end;
    while (this.at < end) {
      frame.look(bytes, this.at, end, true);
      if (frame.state === 'bad') {
        // The receiver lets none through; a record that is damaged otherwise must not stop a replay.
        frame.start = this.at;
        frame.end = end;
        frame.next = end;
      }
      this.at = frame.next;
      this.line++;
      let to = frame.end;
      while (to > frame.start && isLineEnd(bytes[to - 1])) to--;
      if (to === frame.start) continue;
      this.eventStart = frame.start;
      this.eventEnd = to;
      if (!ready.reader.readSyslog(bytes, frame.start, to, fields)) this.unparsed++;
      return SCAN_STEP.event;
    }
    return SCAN_STEP.end;
  }
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d || byte === 0;
}
