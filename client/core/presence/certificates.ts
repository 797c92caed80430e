import { verifyStatement } from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";

/** Checks what a server has certified: which name belongs to which key. */
export class Certificates {
  readonly #serverKey: Uint8Array;
  /** The certificates that were verified, and whether they are valid. */
  readonly #verified = new WeakMap<Uint8Array, boolean>();

  /** @param serverKey by which they are signed */
  constructor(serverKey: Uint8Array) {
    this.#serverKey = serverKey;
  }

  /** Whether a user has a valid certificate. Each is verified once, when it is needed. */
  isValid({ name, details }: OnlineUser): boolean {
    if (details === undefined) return false;
    const { identity, issued, certificate } = details;
    if (identity.length === 0 || certificate.length === 0) return false;
    const before = this.#verified.get(certificate);
    if (before !== undefined) return before;
    const statement = { type: "name", issued, identity, name } as const;
    const fits = verifyStatement(statement, certificate, this.#serverKey);
    this.#verified.set(certificate, fits);
    return fits;
  }
}
