import { equals } from "@std/bytes/equals";
import { checkCertificate, type Credential } from "../../../protocol/mod.ts";
import { PublicKey } from "../public_key.ts";
import type { RoomPerson } from "../room.ts";
import type { Signaling } from "../signaling.ts";
import { keyInTable, type Pins } from "../trust/mod.ts";

/** A member's own claim to a name. */
export interface ClaimedName {
  readonly name: string;
  readonly credential?: Credential | undefined;
}

/** Whose key it is, by pins and certificates: what a member says of itself confirms nothing. */
export class RoomNames {
  readonly #pins: Pick<Pins, "all">;
  readonly #signaling: Signaling;
  readonly #own: PublicKey;
  /** Whether a certificate fits, by key, name and time of issue. */
  readonly #verdicts = new Map<string, boolean>();

  constructor(pins: Pick<Pins, "all">, signaling: Signaling, own: PublicKey) {
    this.#pins = pins;
    this.#signaling = signaling;
    this.#own = own;
  }

  personOf(key: string, claimed: ClaimedName | undefined): RoomPerson {
    const identity = PublicKey.parse(key);
    if (identity.equals(this.#own)) {
      return { identity, name: this.#signaling.name, isConfirmed: true, isOwn: true };
    }
    const name = this.#pins.all.find((pin) => identity.equals(pin.identity))?.name ??
      this.#certifiedName(identity, claimed);
    if (name !== undefined) return { identity, name, isConfirmed: true, isOwn: false };
    const doubtful = `${claimed?.name ?? ""}~${identity.tag}`;
    return { identity, name: doubtful, isConfirmed: false, isOwn: false };
  }

  #certifiedName(identity: PublicKey, claimed: ClaimedName | undefined): string | undefined {
    if (claimed === undefined) return undefined;
    const { name, credential } = claimed;
    const { provenServer, users } = this.#signaling;
    const listed = [...users].find((user) => {
      const key = keyInTable(user);
      return user.name === name && key !== undefined && equals(key, identity);
    });
    if (listed !== undefined && this.#signaling.certifies(listed)) return name;
    const { certificate, serverKey: signer } = credential ?? {};
    if (certificate === undefined || provenServer === undefined) return undefined;
    const { serverKey, serverTime } = provenServer;
    const key = `${identity} ${name} ${certificate.issued} ${serverKey.toHex()}`;
    const fits = this.#verdicts.getOrInsertComputed(
      key,
      () =>
        checkCertificate(certificate, { name, identity, signer, serverKey, serverTime }) === "fits",
    );
    if (this.#verdicts.size > 1_000) this.#verdicts.clear();
    return fits ? name : undefined;
  }
}
