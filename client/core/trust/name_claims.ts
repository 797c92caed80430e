import { equals } from "@std/bytes/equals";
import {
  type Certificate,
  checkCertificate,
  confusableKey,
  type Credential,
  type NameClaim,
} from "../../../protocol/mod.ts";
import type { ProvenServer } from "../proven_server.ts";
import type { Claim } from "./call_admission.ts";

/** The greatest claims of this run, by server and folded name, as certificates have proven them. */
export class NameClaims {
  readonly #greatest = new Map<string, NameClaim>();

  /** The greater of the claim that is known here and of another one that is. */
  greatest(server: string, name: string, other: NameClaim | undefined): NameClaim | undefined {
    const own = this.#greatest.get(keyOf(server, name));
    return own === undefined || other !== undefined && other.claimed > own.claimed ? other : own;
  }

  /** Takes what a certificate that fits otherwise claims; false if another key took the name later. */
  take(
    server: string,
    { name, identity }: Claim,
    { claimed }: Certificate,
    stored: NameClaim | undefined,
  ): boolean {
    const known = this.greatest(server, name, stored);
    if (known === undefined || claimed > known.claimed) {
      this.#greatest.set(keyOf(server, name), { identity, claimed });
      return true;
    }
    return equals(known.identity, identity);
  }
}

/** Whether a caller shows a certificate of the server of this login, or of the last, that fits. */
export function showsCertificate(
  { name, identity }: Claim,
  credential: Credential | undefined,
  server: ProvenServer | undefined,
): credential is Credential & { readonly certificate: Certificate } {
  if (credential?.certificate === undefined || server === undefined) return false;
  const { serverKey, serverTime } = server;
  const context = { name, identity, signer: credential.serverKey, serverKey, serverTime };
  return checkCertificate(credential.certificate, context) === "fits";
}

function keyOf(server: string, name: string): string {
  return `${server} ${confusableKey(name)}`;
}
