/** Below those that Linux picks from, where it is not told otherwise. */
const [FIRST, COUNT] = [20_000, 10_000];

/**
 * A port of this machine where nobody listens: for a server that comes later, or goes and comes back.
 * It is none of those that the system gives to whoever asks for any, so no other test gets it meanwhile.
 */
export function quietPort(): number {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
