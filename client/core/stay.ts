import { formatAddress, limits, ProtocolError, type ServerMessage } from "../../protocol/mod.ts";
import { LONGEST_WAIT } from "./backoff.ts";
import { ClientError, whyNoConnection } from "./errors.ts";
import type { MessengerEvent } from "./events.ts";
import { OnlineList, type OnlineUser } from "./online_list.ts";
import type { ServerLink } from "./server_link.ts";
import { type Change, TableChange } from "./table_change.ts";
import { within } from "./within.ts";

/** The table of a new login is complete once the own entry is in it and so long nobody was added. */
const TABLE_SILENCE = 250;
/** And at the latest after so long: on a large server somebody always comes. */
const TABLE_TIME = 5_000;
/** Who was online before is told to have gone after so long: most come back by themselves. */
const GONE_TIME = LONGEST_WAIT + 5_000;

/** What is remembered of the stay before, to tell only what is different. */
export interface Memory {
  readonly online: readonly OnlineUser[];
  readonly welcome: readonly string[];
}

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
  readonly #welcome: string[] = [];
  readonly #before: Memory | undefined;
  /** What is told only if the login succeeds. */
  readonly #held: MessengerEvent[] = [];
  /** Whether the table is all there, as far as one can tell. */
  #complete: boolean;
  #change: TableChange | undefined;
  readonly #timers = new Map<() => void, ReturnType<typeof setTimeout>>();

  /**
   * @param link just connected
   * @param name the name to log in with
   * @param before what is known from the stay before, where this one takes its place unasked
   */
  constructor(link: ServerLink, name: string, host: StayHost, before?: Memory) {
    this.#before = before;
    this.#change = before && new TableChange(before.online);
    this.#complete = before === undefined;
    this.#link = link;
    this.#name = name;
    this.#host = host;
    this.#loggedIn.promise.catch(() => {}); // it is awaited only once the login is sent
  }

  /** Everybody in the table, once the login is sent; after a stay before, once it is complete. */
  get online(): OnlineUser[] | undefined {
    return this.#complete ? this.#online?.users : undefined;
  }

  /** What the next stay at the same server is compared with. */
  get memory(): Memory {
    const online = this.online ?? this.#before?.online ?? [];
    return { online: [...online, ...this.#change?.missing ?? []], welcome: this.#welcome };
  }

  /**
   * Logs in; resolves once the own entry has come back in the table.
   *
   * @throws {ClientError} `not-mim`, `server-refused`, `cannot-listen`; `wrong-state` where somebody
   *   leaves meanwhile
   */
  async logIn(): Promise<void> {
    this.#tell({ kind: "connected", address: this.#link.address, port: this.#link.port });
    void this.#follow();
    await within(this.#welcomed.promise, limits.welcomeTime);
    if (this.#over) return await this.#loggedIn.promise; // it has failed
    const port = this.#host.listen();
    this.#tell({ kind: "listening", port });
    const own = { name: this.#name, port, address: this.#link.ownAddress };
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
    this.#stopTimers();
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
    this.#stopTimers();
    this.#over = true;
    this.#link.close();
    this.#welcomed.resolve();
    if (this.#seen) this.#host.ended(reason);
    else this.#loggedIn.reject(this.#refused(code, reason));
  }

  #heard(message: ServerMessage): void {
    switch (message.kind) {
      case "welcome":
        this.#welcome.push(message.text);
        return this.#before === undefined ? this.#host.emit(message) : undefined;
      case "welcome-end":
        return this.#welcomed.resolve();
      case "add": {
        const user = this.#online?.add(message.entry);
        if (user === undefined) return;
        this.#show(this.#change?.added(user) ?? [{ kind: "online", user }]);
        if (user.own && !this.#seen) this.#ownSeen(user.name);
        if (this.#seen && !this.#complete) this.#after(TABLE_SILENCE, this.#completed);
        return;
      }
      case "delete": {
        const user = this.#online?.delete(message.entry);
        if (user === undefined) return;
        this.#show(this.#change?.deleted(user) ?? [{ kind: "offline", user }]);
        if (user.own) {
          const text = "the server has taken you off its list: nobody sees you any more; " +
            "log out and in again";
          this.#host.emit({ kind: "error", text });
        }
      }
    }
  }

  #ownSeen(name: string): void {
    this.#seen = true;
    this.#host.loggedIn();
    this.#showHeld();
    this.#host.emit({ kind: "logged-in", name });
    if (!this.#complete) this.#after(TABLE_TIME, () => this.#completed());
    this.#loggedIn.resolve();
  }

  /** Tells what was held back; the welcome only where it is another than before. */
  #showHeld(): void {
    if (this.#before === undefined) return;
    const [connected, ...others] = this.#held.splice(0);
    if (connected !== undefined) this.#host.emit(connected);
    if (this.#welcome.join("\n") !== this.#before.welcome.join("\n")) {
      for (const text of this.#welcome) this.#host.emit({ kind: "welcome", text });
    }
    for (const event of others) this.#host.emit(event);
  }

  /** The table that came with the login is in. */
  readonly #completed = (): void => {
    if (this.#complete) return;
    this.#complete = true;
    this.#show(this.#change?.complete() ?? []);
    this.#after(GONE_TIME, () => {
      this.#show(this.#change?.end() ?? []);
      this.#change = undefined;
    });
  };

  #tell(event: MessengerEvent): void {
    if (this.#before === undefined) this.#host.emit(event);
    else this.#held.push(event);
  }

  #show(changes: readonly Change[]): void {
    for (const change of changes) this.#host.emit(change);
  }

  /** Runs something after that time; anew where it waits already. */
  #after(time: number, run: () => void): void {
    clearTimeout(this.#timers.get(run));
    this.#timers.set(run, setTimeout(run, time));
  }

  #stopTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
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
