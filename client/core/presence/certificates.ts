import {
  type Certificate,
  CERTIFICATE_LIFETIME_MS,
  checkCertificate,
} from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import type { ProvenServer } from "../proven_server.ts";

/** Checks what a server has certified: which name belongs to which key. */
export class Certificates {
  readonly #server: ProvenServer;
  /** The certificates that were verified, and whether they fit. */
  readonly #verified = new WeakMap<Certificate, boolean>();

  /** @param server by which they are signed */
  constructor(server: ProvenServer) {
    this.#server = server;
  }

  /** Whether a user has a certificate that fits. Each is verified once, when it is needed. */
  isValid({ name, details }: OnlineUser): boolean {
    if (details?.certificate === undefined || details.identity.length === 0) return false;
    const { identity, certificate } = details;
    const { serverKey, serverTime } = this.#server;
    const isExpired = certificate.issued < serverTime - CERTIFICATE_LIFETIME_MS;
    const before = this.#verified.get(certificate);
    if (before !== undefined) return before && !isExpired;
    const fits = checkCertificate(certificate, { name, identity, serverKey, serverTime }) ===
      "fits";
    this.#verified.set(certificate, fits);
    return fits;
  }
}
