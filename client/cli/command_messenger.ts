import { refusalCodes } from "../../protocol/mod.ts";
import { isUnproven, type OfferedServer } from "../app/mod.ts";
import { ClientError, Messenger, type MessengerOptions } from "../core/mod.ts";
import { limits } from "../../protocol/mod.ts";

/** The messenger of a command whose user may have given neither name nor server. */
export class CommandMessenger extends Messenger {
  #mayRename: boolean;
  readonly #otherOffers: OfferedServer[];

  /**
   * @param mayRename whether the name is only the system's: then one like it will do
   * @param otherOffers servers that take the place of one that does not prove the key it announces
   */
  constructor(
    options: MessengerOptions,
    mayRename: boolean,
    otherOffers: readonly OfferedServer[] = [],
  ) {
    super(options);
    this.#mayRename = mayRename;
    this.#otherOffers = [...otherOffers];
  }

  /** If the server does not take the name, and nobody has chosen it, logs in under one like it. */
  override async login(...[name, server, options]: Parameters<Messenger["login"]>): Promise<void> {
    try {
      await super.login(name, server, options);
    } catch (error) {
      const next = isUnproven(error) ? this.#otherOffers.shift() : undefined;
      if (next !== undefined) return await this.login(name, next.servers, options);
      if (!this.#mayRename || !isNameRefused(error)) throw error;
      this.#mayRename = false;
      try {
        await super.login(this.#otherName(), server, options);
      } catch {
        throw error; // it was not for the name
      }
    }
  }

  /** A name of one's own: with a key, the same each time. */
  #otherName(): string {
    const suffix = this.publicKey?.tag.replace("-", "") ??
      crypto.getRandomValues(new Uint8Array(4)).toHex();
    return `${this.name.slice(0, limits.nameUnits - suffix.length - 1)}-${suffix}`;
  }
}

/** Whether a server has refused a login so as it refuses names; a classic one gives no reason. */
function isNameRefused(error: unknown): boolean {
  if (!(error instanceof ClientError && error.is("server-refused"))) return false;
  const { end } = error.details;
  const codes: readonly number[] = [refusalCodes["name taken"], refusalCodes["name not allowed"]];
  return end.type === "closed" || end.type === "rejected" && codes.includes(end.code);
}
