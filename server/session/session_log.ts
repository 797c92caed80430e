import { getLogger } from "@logtape/logtape";
import {
  decodeUpdate,
  formatAddress,
  type PresenceEntry,
  sanitizeText,
} from "../../protocol/mod.ts";
import { networkOf, type Rejection, RejectionSummary } from "../admission/mod.ts";
import type { ClientSession, SessionEnd } from "./client_session.ts";

const logger = getLogger(["mim", "server"]);
/** Bytes of a frame's length. */
const FRAME_LENGTH_BYTES = 2;

/** A client as a log record names it. */
export interface Client {
  readonly client: string;
  readonly address: string;
  readonly port: number;
}

/**
 * Logs how connections end. Of all that the server closes for the same reason, the first of a network in a
 * minute is logged, and then how many followed: a source that breaks the protocol must not fill the log.
 */
export class SessionLog {
  readonly #summary = new RejectionSummary();

  /** Logs that a connection is not accepted. */
  rejected(address: string, port: number, { code, reason }: Rejection): void {
    const record = { ...clientAt(address, port), code, reason };
    logger[this.#levelOf(address, code)]("rejected {client}: {code}: {reason}", record);
  }

  /** Logs a login, at level debug. */
  loggedIn({ name, address, port }: PresenceEntry, isMim2: boolean): void {
    const record = { dialect: isMim2 ? "MIM/2" : "classic", name: sanitizeText(name) };
    logger.debug("{dialect} login of {name} at {address} port {port}", {
      ...{ address, port },
      ...record,
    });
  }

  /**
   * Logs a session's end: the first rejection at level info, anything else at level debug.
   *
   * @param update the Delete of the client, if it had logged in
   */
  ended({ address, port }: ClientSession, end: SessionEnd, update: Uint8Array | undefined): void {
    const who = update === undefined ? "{client}" : "{client} ({name})";
    const { by, reason } = end;
    const record = () => ({ ...clientAt(address, port), name: update && nameIn(update), reason });
    if (by !== "rejected") return logger.debug(`end of ${who}: {reason}`, record);
    const level = this.#levelOf(address, end.code);
    logger[level](`closed ${who}: {code}: {reason}`, { ...record(), code: end.code });
  }

  /** Logs how many rejections followed the first of a minute. To be called every second or so. */
  tick(now: number): void {
    for (const { network, code, more } of this.#summary.takeDue(now)) {
      const record = { network, code, more };
      logger.info("rejected {more} more from {network} in that minute: {code}", record);
    }
  }

  #levelOf(address: string, code: Rejection["code"]): "info" | "debug" {
    const isFirst = this.#summary.count(networkOf(address), code, performance.now());
    return isFirst ? "info" : "debug";
  }
}

/** A client for the log: as text, and in parts. */
export function clientAt(address: string, port: number): Client {
  return { client: formatAddress(address, port), address, port };
}

/** The name in the bytes of an Add or a Delete, safe to show. */
function nameIn(update: Uint8Array): string {
  return sanitizeText(decodeUpdate(update.subarray(FRAME_LENGTH_BYTES)).entry.name);
}
