/** A ticket cannot be had, and asking again will not help. */
export class TicketRefused extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.name = "TicketRefused";
    this.code = code;
  }
}
