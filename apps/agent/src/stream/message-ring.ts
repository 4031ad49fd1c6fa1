const MAX_MESSAGES = 2000;
/** Anomalies carry sample lines; so many of the longest would be 40 MB. */
const MAX_CHARACTERS = 8 * 1024 * 1024;

interface NumberedMessage {
  readonly seq: number;
  readonly text: string;
}

/** The latest numbered messages as they were sent, for consoles that come back. */
export class MessageRing {
  #messages: NumberedMessage[] = [];
  #characters = 0;
  #seq = 0;

  /** Number of the latest message; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** @param serialize makes the message's text, given its number */
  append(serialize: (seq: number) => string): NumberedMessage {
    const seq = this.#seq + 1;
    const message = { seq, text: serialize(seq) };
    this.#seq = seq;
    this.#messages.push(message);
    this.#characters += message.text.length;
    this.#trim();
    return message;
  }

  /**
   * Everything after `seq`, oldest first; undefined when that is not all here any more, or `seq` is none of ours:
   * then only a snapshot helps.
   */
  after(seq: number): readonly NumberedMessage[] | undefined {
    const oldest = this.#messages[0]?.seq ?? this.#seq + 1;
    if (seq < oldest - 1 || seq > this.#seq) return undefined;
    return this.#messages.slice(seq - oldest + 1);
  }

  #trim(): void {
    let drop = Math.max(0, this.#messages.length - MAX_MESSAGES);
    for (let i = 0; i < drop; i++) this.#characters -= this.#messages[i].text.length;
    while (this.#characters > MAX_CHARACTERS && drop < this.#messages.length - 1) {
      this.#characters -= this.#messages[drop++].text.length;
    }
    if (drop > 0) this.#messages = this.#messages.slice(drop);
  }
}
