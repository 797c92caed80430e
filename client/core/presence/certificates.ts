import { verifyStatement } from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";

/** What a server has certified: which names are their keys' own. */
export class Certificates {
  readonly #serverKey: Uint8Array;
  /** Whether they are what they should be, as far as somebody wanted to know. */
  readonly #looked = new WeakMap<Uint8Array, boolean>();

  /** @param serverKey by which they are signed */
  constructor(serverKey: Uint8Array) {
    this.#serverKey = serverKey;
  }

  /** Whether a user's certificate is there, and right: each is verified once, when somebody asks. */
  fit({ name, details }: OnlineUser): boolean {
    if (details === undefined) return false;
    const { identity, issued, certificate } = details;
    if (identity.length === 0 || certificate.length === 0) return false;
    const before = this.#looked.get(certificate);
    if (before !== undefined) return before;
    const statement = { type: "name", issued, identity, name } as const;
    const fits = verifyStatement(statement, certificate, this.#serverKey);
    this.#looked.set(certificate, fits);
    return fits;
  }
}
