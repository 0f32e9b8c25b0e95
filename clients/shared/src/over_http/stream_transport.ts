/**
 * The room as a stream of server-sent events, read by `fetch`.
 *
 * Not by `EventSource`: that ends for good at a 503, sends no token, and cannot tell what came
 * with an error.
 */
import { STREAM_SILENCE_MS } from "../limits.ts";
import { BROKE_OFF } from "../transport.ts";
import type { ServerMessage } from "../wire.ts";
import { isOurs } from "./calls.ts";
import { EventLines } from "./event_lines.ts";
import { HELD_BACK, HttpTransport } from "./http_transport.ts";
import { endOf, readProblem } from "./problems.ts";

export class StreamTransport extends HttpTransport {
  readonly way = "stream";
  #silence: ReturnType<typeof setTimeout> | undefined;

  override start(): void {
    void this.#listen().catch(() => this.end(BROKE_OFF, ""));
  }

  override close(): void {
    clearTimeout(this.#silence);
    super.close();
  }

  async #listen(): Promise<void> {
    const query = this.place
      ? `?since=${String(this.place.seq)}&epoch=${encodeURIComponent(this.place.epoch)}`
      : "";
    const path = `/api/shows/${this.room.show_id}/stream${query}`;
    const response = await this.room.request("GET", path, undefined, this.signal);
    if (!response.ok) {
      this.end(...endOf(await readProblem(response)));
      return;
    }
    if (!isOurs(response) || response.body === null) throw new TypeError("not the server's answer");
    this.events.opened();
    const lines = new EventLines();
    const reader = response.body.getReader();
    this.#heard();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      if (this.signal.aborted) return;
      this.#heard();
      this.events.alive();
      for (const { type, data } of lines.take(chunk.value)) this.#event(type, data);
    }
    this.end(BROKE_OFF, "");
  }

  #event(type: string, data: string): void {
    if (type === "close") {
      const { code, reason } = JSON.parse(data) as { code: number; reason: string };
      this.end(code, reason);
      return;
    }
    const message = JSON.parse(data) as ServerMessage;
    if (message.t === "welcome") {
      // A welcome back repeats the place that it goes on from.
      const seq = message.recovered ? (this.place?.seq ?? 0) : message.seq;
      this.place = { seq, epoch: message.epoch };
    }
    this.hear(message);
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.end(BROKE_OFF, HELD_BACK), STREAM_SILENCE_MS);
  }
}
