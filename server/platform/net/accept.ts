import { delay } from "@std/async/delay";

/** The pause after a failure: there may be no file descriptor left. */
const ACCEPT_RETRY_MS = 50;

/**
 * Accepts connections until the signal says that the listener is closed. Never rejects.
 *
 * @param onConnection the next connection is accepted when its promise resolves
 */
export async function acceptConnections<Connection>(
  listener: { accept(): Promise<Connection> },
  onConnection: (connection: Connection) => void | Promise<void>,
  onFailure: (error: unknown) => void,
  closed: AbortSignal,
): Promise<void> {
  while (!closed.aborted) {
    try {
      await onConnection(await listener.accept());
    } catch (error) {
      if (closed.aborted) return;
      if (error instanceof Deno.errors.NotConnected) continue; // gone before it was accepted
      onFailure(error);
      await delay(ACCEPT_RETRY_MS, { signal: closed }).catch(() => {});
    }
  }
}
