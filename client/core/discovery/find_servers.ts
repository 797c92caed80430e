import type { FoundServer } from "./mdns_search.ts";

/** Loads what a search needs, so that this takes none of its time: few programs look for servers. */
export async function loadServerSearch(): Promise<void> {
  await import("./mdns_search.ts");
}

/**
 * Finds servers on the networks of this machine, as they answer; in a long search again and again.
 *
 * @param signal ends it: nobody knows when all have answered
 */
export async function* findServers(signal: AbortSignal): AsyncGenerator<FoundServer, void> {
  const found: FoundServer[] = [];
  let wake = () => {};
  const { MdnsSearch } = await import("./mdns_search.ts");
  const search = new MdnsSearch((server) => {
    found.push(server);
    wake();
  });
  signal.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      for (let server; (server = found.shift()) !== undefined;) yield server;
      if (signal.aborted) return;
      await new Promise<void>((resolve) => wake = resolve);
    }
    yield* found;
  } finally {
    await search.close();
  }
}
