import { formatAddress, limits, ProtocolError, type ServerMessage } from "../../protocol/mod.ts";
import { ClientError, whyNoConnection } from "./errors.ts";
import type { MessengerEvent } from "./events.ts";
import { OnlineList, type OnlineUser } from "./online_list.ts";
import type { ServerLink } from "./server_link.ts";
import { within } from "./within.ts";

/** What a stay needs of the messenger that it belongs to. */
export interface StayHost {
  /** Tells whoever subscribed. */
  emit(event: MessengerEvent): void;
  /** Listens for peers, unless it does already; returns the port. */
  listen(): number;
  /** The own entry has come back. */
  loggedIn(): void;
  /** The connection ended after the login, and nobody here wanted that. */
  ended(reason: string): void;
}

/** One stay at a server, from the connection to its end. */
export class Stay {
  readonly #link: ServerLink;
  readonly #name: string;
  readonly #host: StayHost;
  readonly #welcomed = Promise.withResolvers<void>();
  readonly #loggedIn = Promise.withResolvers<void>();
  /** The table, from the moment the login is sent. */
  #online: OnlineList | undefined;
  /** Whether the own entry has come back. */
  #seen = false;
  #over = false;

  /**
   * @param link just connected
   * @param name the name to log in with
   */
  constructor(link: ServerLink, name: string, host: StayHost) {
    this.#link = link;
    this.#name = name;
    this.#host = host;
    this.#loggedIn.promise.catch(() => {}); // it is awaited only once the login is sent
  }

  /** Everybody in the table, once the login is sent. */
  get online(): OnlineUser[] | undefined {
    return this.#online?.users;
  }

  /**
   * Logs in; resolves once the own entry has come back in the table.
   *
   * @throws {ClientError} `not-mim`, `server-refused`, `cannot-listen`; `wrong-state` where somebody
   *   leaves meanwhile
   */
  async logIn(): Promise<void> {
    this.#host.emit({ kind: "connected", address: this.#link.address, port: this.#link.port });
    void this.#follow();
    await within(this.#welcomed.promise, limits.welcomeTime);
    if (this.#over) return await this.#loggedIn.promise; // it has failed
    const own = { name: this.#name, port: this.#host.listen(), address: this.#link.ownAddress };
    this.#online = new OnlineList(this.#link.address, own);
    try {
      await this.#link.logIn(own);
    } catch {
      // The server has closed: `#loggedIn` says what happened.
    }
    if (await within(this.#loggedIn.promise, limits.loginAnswerTime) === "late") {
      const time = limits.loginAnswerTime / 1000;
      throw this.#refused("not-mim", `it did not answer the login within ${time} s`);
    }
  }

  /** Leaves; a login under way fails. */
  leave(): void {
    this.#over = true;
    this.#link.close();
    this.#welcomed.resolve();
    this.#loggedIn.reject(leftMeanwhile());
  }

  /** Takes what the server says until the connection ends. Never rejects. */
  async #follow(): Promise<void> {
    let code: "server-refused" | "not-mim" = "server-refused";
    let reason = "the server closed the connection";
    try {
      for await (const message of this.#link.messages()) {
        if (this.#over) return;
        this.#heard(message);
      }
    } catch (error) {
      const strange = error instanceof ProtocolError;
      if (strange) code = "not-mim";
      reason = strange
        ? `the server sent what is not MIM (${error.message})`
        : `the connection to the server was lost (${whyNoConnection(error)})`;
    }
    if (this.#over) return;
    this.#over = true;
    this.#link.close();
    this.#welcomed.resolve();
    if (this.#seen) this.#host.ended(reason);
    else this.#loggedIn.reject(this.#refused(code, reason));
  }

  #heard(message: ServerMessage): void {
    switch (message.kind) {
      case "welcome":
        return this.#host.emit(message);
      case "welcome-end":
        return this.#welcomed.resolve();
      case "add": {
        const user = this.#online?.add(message.entry);
        if (user === undefined) return;
        this.#host.emit({ kind: "online", user });
        if (!user.own || this.#seen) return;
        this.#seen = true;
        this.#host.loggedIn();
        this.#host.emit({ kind: "logged-in", name: user.name });
        return this.#loggedIn.resolve();
      }
      case "delete": {
        const user = this.#online?.delete(message.entry);
        if (user !== undefined) this.#host.emit({ kind: "offline", user });
      }
    }
  }

  #refused(code: "server-refused" | "not-mim", reason: string): ClientError {
    const { hostname, port } = this.#link.server;
    const where = formatAddress(hostname, port);
    return new ClientError(code, `the server at ${where} did not log ${this.#name} in: ${reason}`);
  }
}

/** Why a login that somebody has given up fails. */
export function leftMeanwhile(): ClientError {
  return new ClientError("wrong-state", "logged out while connecting");
}
