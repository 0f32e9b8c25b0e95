/** A command that the server refused, or that did not fit into the outbox. */
export class CommandRefused extends Error {
  readonly code: string;
  readonly detail: string;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = "CommandRefused";
    this.code = code;
    this.detail = detail;
  }
}
