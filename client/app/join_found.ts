import type { ServerAddress } from "../../protocol/mod.ts";
import { ClientError } from "../core/mod.ts";
import type { Emit } from "./events.ts";
import { describeOffer, type OfferedServer } from "./server_search.ts";

/** So many servers that claim a known key are tried: anybody can announce one. */
const MAX_ATTEMPTS = 8;

/**
 * Logs in at the first known server of a search that proves the key it announces.
 *
 * @param login logs in at those addresses, in turn
 * @returns false if none does
 * @throws {ClientError} if one that has proven its key refuses the login
 */
export async function joinFound(
  offers: readonly OfferedServer[],
  login: (servers: readonly ServerAddress[]) => Promise<void>,
  emit: Emit,
): Promise<boolean> {
  for (const offer of offers.filter(({ isKnown }) => isKnown).slice(0, MAX_ATTEMPTS)) {
    try {
      await login(offer.servers);
      return true;
    } catch (error) {
      if (!isUnproven(error)) throw error;
      emit({
        type: "note",
        text: `Not joined: ${describeOffer(offer)} is not the server it claims`,
        words: { code: "not-joined", values: { server: describeOffer(offer) } },
      });
    }
  }
  return false;
}

/** Whether a login has failed before the server has proven its key. */
export function isUnproven(error: unknown): boolean {
  return error instanceof ClientError &&
    (error.is("server-unreachable") || error.is("server-key-mismatch") ||
      error.is("protocol-error"));
}
