/** Whether sockets work here now. */

/** Opens a socket, waits for its first message, and closes it. Never throws. */
export async function socketAnswers(
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
