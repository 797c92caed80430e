import {
  type Certificate,
  describeUncertifiableName,
  type KeyRotation,
} from "../../protocol/mod.ts";
import type { ServerIdentity } from "../identity/mod.ts";
import { serverLimits } from "../limits.ts";
import type { Mim2Client } from "./mim2_client.ts";
import type { RowChanges } from "./row_changes.ts";

/** How often the registry learns which names are in use. */
const NAME_USE_INTERVAL_MS = 3_600_000;
/** How soon a name is certified that could not be, because the registry failed. */
const UNCERTIFIED_RETRY_MS = 1_000;
/** So many certificates are renewed at a time. */
const RENEWALS_PER_TICK = 50;

const now = (): number => performance.now();

/** Certifies that names belong to keys, for as long as their clients are online. */
export class NameCertificates {
  readonly #identity: ServerIdentity;
  readonly #changes: RowChanges;
  #namesNotedAt = now();

  /** @param changes takes certificates that are renewed */
  constructor(identity: ServerIdentity, changes: RowChanges) {
    this.#identity = identity;
    this.#changes = changes;
  }

  /**
   * Certifies a name for a key; undefined if it can't be certified, or if the registry fails: then
   * nothing is certain.
   */
  certify(
    name: string,
    identity: Uint8Array,
    rotations?: readonly KeyRotation[],
  ): Certificate | "taken" | undefined {
    if (describeUncertifiableName(name) !== undefined) return undefined;
    return this.#identity.certify(name, identity, rotations);
  }

  /** When a client is certified next: soon if its name could be certified, and the registry fails. */
  renewalOf({ name }: { readonly name: string }, certificate: Certificate | undefined): number {
    if (certificate !== undefined) return now() + serverLimits.certificateRenewalMs;
    return describeUncertifiableName(name) === undefined ? now() + UNCERTIFIED_RETRY_MS : Infinity;
  }

  /** Renews some that are due, and records which names are used. To be called every second or so. */
  tick(clients: readonly Mim2Client[], time: number): void {
    this.#renew(clients, time);
    if (time - this.#namesNotedAt < NAME_USE_INTERVAL_MS) return;
    this.#namesNotedAt = time;
    this.#identity.recordUse(clients.map(({ entry }) => entry));
  }

  #renew(clients: readonly Mim2Client[], time: number): void {
    let renewed = 0;
    for (const client of clients) {
      if (client.renewAt > time || renewed++ >= RENEWALS_PER_TICK) continue;
      const { name, identity, certificate: before } = client.entry;
      const answer = this.certify(name, identity);
      const certificate = answer === "taken" ? undefined : answer;
      client.renewAt = answer === "taken"
        ? time + serverLimits.certificateRenewalMs
        : this.renewalOf(client.entry, certificate);
      if (certificate === undefined && before === undefined) continue;
      this.#changes.change(client, { certificate });
    }
  }
}
