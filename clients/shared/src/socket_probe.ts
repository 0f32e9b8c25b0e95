/** The way back: while a slower way is in use, a socket is tried beside it from time to time. */
import { CONNECT_TIMEOUT_MS } from "./limits.ts";
import type { Ways } from "./ways.ts";

export class SocketProbe {
  readonly #ways: Ways;
  readonly #open: () => Promise<WebSocket>;
  readonly #works: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Which look is the newest: the answer to an older one is of no use. */
  #look = 0;

  /**
   * @param open opens a socket with a ticket of its own
   * @param works is called when a socket was welcome
   */
  constructor(ways: Ways, open: () => Promise<WebSocket>, works: () => void) {
    this.#ways = ways;
    this.#open = open;
    this.#works = works;
  }

  /** Looks after the pause that is due. */
  later(): void {
    this.stop();
    this.#timer = setTimeout(() => void this.#try(), this.#ways.nextProbe());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#look += 1;
  }

  async #try(): Promise<void> {
    const look = this.#look;
    const works = await socketAnswers(this.#open, CONNECT_TIMEOUT_MS);
    if (look !== this.#look) return;
    if (works) {
      this.#ways.socketWorks();
      this.#works();
    } else {
      this.#ways.socketFailed();
      this.later();
    }
  }
}

/** Opens a socket, waits for its first message, and closes it. Never throws. */
async function socketAnswers(
  open: () => Promise<WebSocket>,
  timeout_ms: number,
): Promise<boolean> {
  let socket: WebSocket;
  try {
    socket = await open();
  } catch {
    return false;
  }
  const answered = await new Promise<boolean>((resolve) => {
    const late = setTimeout(() => resolve(false), timeout_ms);
    const end = (works: boolean): void => {
      clearTimeout(late);
      resolve(works);
    };
    socket.onmessage = () => end(true);
    socket.onerror = () => undefined;
    socket.onclose = () => end(false);
  });
  socket.close();
  return answered;
}
