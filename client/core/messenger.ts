import {
  checkUserName,
  formatAddress,
  type HostPort,
  limits,
  plainAddress,
  ProtocolError,
  type ServerMessage,
} from "../../protocol/mod.ts";
import { type Network, systemNetwork } from "../../server/network.ts";
import type { Chat } from "./chat.ts";
import { Chats } from "./chats.ts";
import { ClientError, whyNoConnection } from "./errors.ts";
import type { MessengerEvent } from "./events.ts";
import { OnlineList, type OnlineUser } from "./online_list.ts";
import { PeerListener } from "./peer_listener.ts";
import { ServerLink } from "./server_link.ts";
import { within } from "./within.ts";

/** How a {@linkcode Messenger} is to run. */
export interface MessengerOptions {
  /** The user's name: see {@linkcode checkUserName}. */
  readonly name: string;
  /** The central server. */
  readonly server: HostPort;
  /** Where peers reach this client. Default: every address, a port that the system picks. */
  readonly listen?: { readonly hostname?: string; readonly port?: number };
  /** The way to the network. Default: the machine's own. */
  readonly network?: Network;
}

/** One stay at a server, from the dial to the end of the connection. */
interface Stay {
  readonly abort: AbortController;
  readonly welcomed: PromiseWithResolvers<void>;
  readonly loggedIn: PromiseWithResolvers<void>;
  link?: ServerLink;
  /** The table, from the moment the login is sent. */
  online?: OnlineList;
  /** Whether the own entry has come back. */
  seen: boolean;
}

/**
 * A messenger without a face: is online at a central server, calls and is called by peers. It tells
 * what happens to whoever subscribed, prints nothing and reads no keys.
 *
 * @example Two users on one server
 * ```ts
 * import { Messenger, MimServer } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0 });
 * const at = { hostname: "127.0.0.1", port: server.port };
 * await using ada = new Messenger({ name: "ada", server: at });
 * await using bob = new Messenger({ name: "bob", server: at });
 * await bob.login();
 * await ada.login();
 *
 * const heard = new Promise<string>((resolve) =>
 *   bob.subscribe((event) => event.kind === "message" && resolve(`${event.chat.name}: ${event.text}`))
 * );
 * const chat = await ada.talk(ada.online.find((user) => user.name === "bob")!);
 * await ada.send(chat, "hello");
 * assertEquals(await heard, "ada: hello");
 * ```
 */
export class Messenger {
  readonly #network: Network;
  readonly #listen: NonNullable<MessengerOptions["listen"]>;
  readonly #subscribers = new Set<(event: MessengerEvent) => void>();
  readonly #chats: Chats;
  #name: string;
  #server: HostPort;
  #state: "offline" | "connecting" | "online" = "offline";
  #stay: Stay | undefined;
  #listener: PeerListener | undefined;
  #online: OnlineList | undefined;

  /**
   * Ready to log in; nothing is dialled yet.
   *
   * @param options the user's name, the server, and what differs from the defaults
   */
  constructor(options: MessengerOptions) {
    this.#name = options.name.trim();
    this.#server = options.server;
    this.#listen = options.listen ?? {};
    this.#network = options.network ?? systemNetwork;
    this.#chats = new Chats(this.#network, (event) => this.#emit(event));
  }

  /** The own name: of this login, of the last, or of the first to come. */
  get name(): string {
    return this.#name;
  }

  /** The server of this login, of the last, or of the next. */
  get server(): HostPort {
    return this.#server;
  }

  /** Whether it is logged in, or about to be. */
  get state(): "offline" | "connecting" | "online" {
    return this.#state;
  }

  /** Everybody in the online table, the client itself included, as last known. */
  get online(): OnlineUser[] {
    return this.#online?.users ?? [];
  }

  /** The chats, in the order in which they were opened; those closed from here are gone. */
  get chats(): Chat[] {
    return this.#chats.all;
  }

  /**
   * Has each event from now on handed to `subscriber`.
   *
   * @returns a function that ends it
   */
  subscribe(subscriber: (event: MessengerEvent) => void): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /**
   * Connects to the server, starts listening for peers, and logs in; resolves once the own entry has
   * come back in the table.
   *
   * @param name a new name for this and later logins
   * @param server a new server for this and later logins
   * @throws {ClientError} `wrong-state` where it is logged in already, `bad-name`,
   *   `server-unreachable`, `server-refused`, `cannot-listen`
   */
  async login(name: string = this.#name, server: HostPort = this.#server): Promise<void> {
    if (this.#state !== "offline") {
      throw new ClientError("wrong-state", `already logged in as ${this.#name}; log out first`);
    }
    const check = checkUserName(name);
    if (!check.ok) throw new ClientError("bad-name", `this name can't be used: ${check.reason}`);
    this.#name = check.name;
    this.#server = server;
    const stay: Stay = {
      abort: new AbortController(),
      welcomed: Promise.withResolvers(),
      loggedIn: Promise.withResolvers(),
      seen: false,
    };
    stay.loggedIn.promise.catch(() => {}); // it is awaited only once the login is sent
    this.#stay = stay;
    this.#state = "connecting";
    try {
      await this.#logIn(stay);
    } catch (error) {
      if (this.#stay !== stay) throw loggedOut();
      this.#leave();
      throw error;
    }
  }

  /**
   * Leaves the server and takes no more calls. Open chats go on.
   *
   * @throws {ClientError} `wrong-state` where it is not logged in, nor about to be
   */
  logout(): void {
    if (this.#state === "offline") {
      this.#leave();
      throw new ClientError("wrong-state", "not logged in");
    }
    this.#leave();
    this.#emit({ kind: "logged-out" });
  }

  /**
   * Calls a user who is online; an open chat with that user is returned as it is.
   *
   * @throws {ClientError} `peer-unreachable`, or `not-online` for the client itself
   */
  talk(user: OnlineUser): Promise<Chat> {
    return this.#chats.talk(user, this.#name);
  }

  /**
   * Sends a text: a line for each of its lines, empty ones left out. Resolves once it is written.
   *
   * @throws {ClientError} `chat-closed`, also where the connection breaks before all is written;
   *   `not-sent` where a line is over 64 KiB, or the peer does not read
   */
  send(chat: Chat, text: string): Promise<void> {
    return this.#chats.send(chat, text);
  }

  /**
   * Ends a chat; resolves once what was sent before is handed over, or a moment has passed.
   *
   * @returns false where the connection broke before the peer had closed too
   * @throws {ClientError} `chat-closed` where it was closed from here before
   */
  close(chat: Chat): Promise<boolean> {
    return this.#chats.close(chat);
  }

  /** Logs out and closes every chat. It may log in again. */
  async quit(): Promise<void> {
    const closing = this.#chats.closeAll();
    if (this.#state === "offline") this.#leave();
    else this.logout();
    await closing;
  }

  /** The same as {@linkcode Messenger.quit}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.quit();
  }

  #emit(event: MessengerEvent): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(event);
      } catch (error) {
        reportError(error); // a fault of the subscriber's: no reason to close a chat
      }
    }
  }

  async #logIn(stay: Stay): Promise<void> {
    const link = await ServerLink.dial(this.#network, this.#server, stay.abort.signal);
    if (this.#stay !== stay) {
      link.close();
      throw loggedOut();
    }
    stay.link = link;
    this.#emit({ kind: "connected", address: link.address, port: link.port });
    void this.#follow(stay, link);
    await within(stay.welcomed.promise, limits.welcomeTime);
    if (this.#stay !== stay) throw loggedOut();
    const { port } = this.#startListening();
    const own = { name: this.#name, port, address: link.ownAddress };
    this.#online = stay.online = new OnlineList(link.address, own);
    try {
      await link.logIn({ name: this.#name, port });
    } catch {
      // The server has closed: `loggedIn` says what happened.
    }
    if (await within(stay.loggedIn.promise, limits.loginAnswerTime) === "late") {
      throw this.#refused(`it did not answer the login within ${limits.loginAnswerTime / 1000} s`);
    }
  }

  /** Listens for peers, unless it still does since the login before. */
  #startListening(): PeerListener {
    if (this.#listener === undefined) {
      const { hostname, port = 0 } = this.#listen;
      try {
        this.#listener = new PeerListener(this.#network, hostname, port, {
          called: (link, name) => this.#chats.called(link, name, this.online),
          failed: (address, reason) =>
            this.#emit({
              kind: "error",
              text: `a call from ${plainAddress(address)} failed: ${reason}`,
            }),
        });
      } catch (error) {
        const where = hostname === undefined ? `port ${port}` : formatAddress(hostname, port);
        const why = error instanceof Deno.errors.AddrInUse
          ? "it is in use"
          : whyNoConnection(error);
        throw new ClientError("cannot-listen", `cannot listen for peers on ${where}: ${why}`);
      }
    }
    this.#emit({ kind: "listening", port: this.#listener.port });
    return this.#listener;
  }

  /** Takes what the server says until the connection ends. Never rejects. */
  async #follow(stay: Stay, link: ServerLink): Promise<void> {
    let reason = "the server closed the connection";
    try {
      for await (const message of link.messages()) {
        if (this.#stay !== stay) break;
        this.#heard(stay, message);
      }
    } catch (error) {
      reason = error instanceof ProtocolError
        ? `the server sent what is not MIM (${error.message})`
        : `the connection to the server was lost (${whyNoConnection(error)})`;
    }
    link.close();
    if (this.#stay !== stay) return;
    stay.welcomed.resolve();
    if (this.#state === "connecting") {
      stay.loggedIn.reject(this.#refused(reason));
    } else {
      this.#stay = undefined;
      this.#state = "offline";
      this.#emit({ kind: "disconnected", reason });
    }
  }

  #heard(stay: Stay, message: ServerMessage): void {
    switch (message.kind) {
      case "welcome":
        return this.#emit(message);
      case "welcome-end":
        return stay.welcomed.resolve();
      case "add": {
        const user = stay.online?.add(message.entry);
        if (user === undefined) return;
        this.#emit({ kind: "online", user });
        if (!user.own || stay.seen) return;
        stay.seen = true;
        this.#state = "online";
        this.#emit({ kind: "logged-in", name: user.name });
        return stay.loggedIn.resolve();
      }
      case "delete": {
        const user = stay.online?.delete(message.entry);
        if (user !== undefined) this.#emit({ kind: "offline", user });
      }
    }
  }

  #refused(reason: string): ClientError {
    const where = formatAddress(this.#server.hostname, this.#server.port);
    return new ClientError(
      "server-refused",
      `the server at ${where} did not log ${this.#name} in: ${reason}`,
    );
  }

  #leave(): void {
    this.#stay?.abort.abort();
    this.#stay?.link?.close();
    this.#stay?.welcomed.resolve();
    this.#stay?.loggedIn.reject(loggedOut());
    this.#stay = undefined;
    this.#state = "offline";
    this.#listener?.close();
    this.#listener = undefined;
  }
}

function loggedOut(): ClientError {
  return new ClientError("wrong-state", "logged out while connecting");
}
