import { deadline } from "@std/async/deadline";
import { equals } from "@std/bytes/equals";
import type { FileLink } from "../peer/mod.ts";

/** Somebody who has been told a token. */
interface Guest {
  readonly identity: Uint8Array;
  readonly arrive: (link: FileLink) => void;
}

/** The tokens that were told: each opens one link, for one key, for a moment. */
export class Rendezvous {
  readonly #guests = new Map<string, Guest>();

  /**
   * Waits for a link with that token.
   *
   * @throws {DOMException} `TimeoutError`; the signal's reason once it is aborted
   */
  async expect(
    token: Uint8Array,
    identity: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<FileLink> {
    const key = token.toHex();
    const { promise, resolve } = Promise.withResolvers<FileLink>();
    this.#guests.set(key, { identity, arrive: resolve });
    try {
      return await deadline(promise, timeoutMs, { signal });
    } finally {
      this.#guests.delete(key);
    }
  }

  /** A link has come; returns whether it was expected. */
  arrive(link: FileLink, token: Uint8Array): boolean {
    const key = token.toHex();
    const guest = this.#guests.get(key);
    if (guest === undefined || !equals(guest.identity, link.peer.identity)) return false;
    this.#guests.delete(key);
    guest.arrive(link);
    return true;
  }
}
