/** Server-sent events from bytes (WHATWG HTML section 9.2.6), as far as the server uses them. */

export interface StreamEvent {
  type: string;
  data: string;
}

/** An event may not be longer than this, in characters: the largest snapshot is far below. */
const EVENT_CHARACTERS_MAX = 4 * 1024 * 1024;

/** Takes bytes as they come, and gives the events that are complete. */
export class EventLines {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #type = "message";
  #data: string[] = [];

  /** @throws RangeError if an event is larger than anything that the server says */
  take(bytes: Uint8Array): StreamEvent[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > EVENT_CHARACTERS_MAX) throw new RangeError("an event without an end");
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): StreamEvent[] {
    if (line === "") {
      const event = { type: this.#type, data: this.#data.join("\n") };
      const any = this.#data.length > 0;
      this.#type = "message";
      this.#data = [];
      return any ? [event] : [];
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    return [];
  }
}
