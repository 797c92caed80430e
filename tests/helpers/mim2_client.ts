import {
  createSignature,
  encodeLinkClientMessage,
  encodeLinkLogin,
  type EntryDetails,
  GreetingDecoder,
  identityOf,
  LinkClient,
  type LinkClientMessage,
  type LinkEntry,
  type LinkLogin,
  type LinkNotice,
  type LinkNoticeOf,
  type LinkOffer,
  type LinkServerMessage,
  type LinkUpdate,
} from "../../protocol/mod.ts";
import { closeQuietly, type Connection, type Network, systemNetwork } from "../../server/mod.ts";
import { writeAll } from "../../server/platform/net/byte_stream.ts";
import { poll } from "./wait.ts";

/** Why a server refused somebody. */
export type Refusal = { readonly code: number; readonly text: string };

/** How a {@linkcode Mim2Client} logs in. */
export interface Mim2ClientOptions extends Partial<Omit<LinkLogin, "name">> {
  /** The private key, 32 bytes; one of its own if it is left out. */
  readonly key?: Uint8Array;
  /** Whether pings are answered. Default: true. */
  readonly answers?: boolean;
  /** Whether it opens a link as soon as the server offers one. Default: true. */
  readonly opens?: boolean;
  /** The network that it dials in. Default: the machine's own. */
  readonly network?: Network;
  /** Where the server is. Default: this machine. */
  readonly hostname?: string;
}

/** A MIM/2 client that is nothing but its link: what a server says to it, and what it sends. */
export class Mim2Client implements Disposable {
  readonly connection: Connection;
  /** The private key. */
  readonly key: Uint8Array;
  /** The lines of the welcome, without the announcement. */
  readonly welcome: string[] = [];
  /** Everything that came, in order, the welcome and the handshake apart. */
  readonly messages: (LinkUpdate | LinkNotice)[] = [];
  /** Every update, as `A name`, `D name` or `U name`. */
  readonly updates: string[] = [];
  /** The table as it is told so far, by session in hex digits. */
  readonly table = new Map<string, LinkEntry>();
  /** What the welcome offered; resolves to undefined if the server is a classic one. */
  readonly offered: Promise<LinkOffer | undefined>;
  /** The handshake's hash; resolves to undefined if there was none. */
  readonly secured: Promise<Uint8Array | undefined>;
  /** Resolves once the server has closed, however. */
  readonly ended: Promise<void>;
  /** Whether pings are answered. */
  answers: boolean;
  /** Whether the connection has ended, however. */
  hasEnded = false;
  /** Whether it reads nothing more. */
  isDeaf = false;
  /** What the server sent that no server may. */
  failure: unknown;
  readonly #opens: boolean;
  readonly #offered = Promise.withResolvers<LinkOffer | undefined>();
  readonly #secured = Promise.withResolvers<Uint8Array | undefined>();
  #link: LinkClient | undefined;
  /** Writes go one after the other. */
  #writing: Promise<void> = Promise.resolve();

  /** Connects to a server. */
  static async connect(port: number, options: Mim2ClientOptions = {}): Promise<Mim2Client> {
    const { network = systemNetwork, hostname = "127.0.0.1" } = options;
    return new Mim2Client(await network.connect({ hostname, port }), options);
  }

  /** Connects and logs in; resolves once the table is complete. */
  static async login(
    port: number,
    name: string,
    options: Mim2ClientOptions = {},
  ): Promise<Mim2Client> {
    const client = await Mim2Client.connect(port, options);
    await client.logIn(await client.loginOf(name, options));
    await client.until(() => client.all("complete").length > 0, `the whole table of ${name}`);
    return client;
  }

  /** Connects, logs in and resolves to what the server says to that before it closes. */
  static async refused(
    port: number,
    name: string,
    options: Mim2ClientOptions = {},
  ): Promise<Refusal | undefined> {
    using client = await Mim2Client.connect(port, options);
    await client.logIn(await client.loginOf(name, options));
    await client.ended;
    return client.refusal;
  }

  private constructor(connection: Connection, options: Mim2ClientOptions) {
    this.connection = connection;
    this.key = options.key ?? crypto.getRandomValues(new Uint8Array(32));
    this.answers = options.answers ?? true;
    this.#opens = options.opens ?? true;
    this.offered = this.#offered.promise;
    this.secured = this.#secured.promise;
    this.ended = this.#read();
  }

  /** A login that this server takes, once the link is secured. */
  async loginOf(name: string, options: Mim2ClientOptions = {}): Promise<LinkLogin> {
    const handshakeHash = await this.secured;
    if (handshakeHash === undefined) throw new Error("expected a link, got none");
    const port = options.port ?? 0;
    return {
      name,
      port,
      identity: options.identity ?? identityOf(this.key),
      signature: options.signature ??
        createSignature({ type: "login", handshakeHash, port, name }, this.key),
      capabilities: options.capabilities ?? 0,
      availability: options.availability ?? "online",
      status: options.status ?? "",
      addresses: options.addresses ?? [],
      previousSession: options.previousSession ?? new Uint8Array(0),
    };
  }

  /** Every notice of a type, in order. */
  all<Type extends LinkNotice["type"]>(type: Type): LinkNoticeOf<Type>[] {
    return this.messages.filter((message): message is LinkNoticeOf<Type> => message.type === type);
  }

  /** Every change of a row that gives a detail this value, in order. */
  changes<Detail extends keyof EntryDetails>(
    detail: Detail,
    value: EntryDetails[Detail],
  ): (LinkUpdate | LinkNotice)[] {
    return this.messages.filter((message) =>
      message.type === "change" && message.details[detail] === value
    );
  }

  /** Everybody online with this name. */
  entries(name: string): LinkEntry[] {
    return [...this.table.values()].filter((entry) => entry.name === name);
  }

  /** The only one online with this name. @throws if there is none, or are several */
  entry(name: string): LinkEntry {
    const [entry, ...more] = this.entries(name);
    if (entry === undefined || more.length > 0) {
      throw new Error(`expected one ${name} online, got ${entry ? more.length + 1 : 0}`);
    }
    return entry;
  }

  /** The own session. */
  get session(): Uint8Array {
    return this.all("accepted")[0]?.session ?? new Uint8Array(0);
  }

  /** Log records that no signature of the server covers yet. */
  get unsignedRecords(): number {
    return this.#link?.unsignedRecords ?? 0;
  }

  /** Why the server refused or closed; undefined if it did not say. */
  get refusal(): Refusal | undefined {
    const refusal = this.all("refusal").at(-1);
    return refusal && { code: refusal.code, text: refusal.text };
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): Promise<void> {
    this.#writing = this.#writing.then(() => writeAll(this.connection, bytes));
    return this.#writing;
  }

  /** Sends a message through the link. */
  async encrypted(body: Uint8Array): Promise<void> {
    await this.secured;
    if (this.#link === undefined) throw new Error("expected a link, got none");
    await this.send(this.#link.encrypt(body));
  }

  /** Sends a login. */
  logIn(login: LinkLogin): Promise<void> {
    return this.encrypted(encodeLinkLogin(login));
  }

  /** Says something after the login. */
  say(message: LinkClientMessage): Promise<void> {
    return this.encrypted(encodeLinkClientMessage(message));
  }

  /**
   * Waits for a condition. One that throws does not hold yet: whom it asks about may still be on
   * the way. @throws if the server sends what no server may
   */
  until(condition: () => boolean, what: string): Promise<void> {
    let reason: unknown;
    const got = () => `${this.updates.slice(-50)}, ${this.refusal?.text}, ${reason}`;
    return poll(
      () => {
        if (this.failure !== undefined) throw this.failure;
        reason = undefined;
        try {
          return condition();
        } catch (error) {
          reason = error;
          return false;
        }
      },
      what,
      got,
    );
  }

  /** Hangs up. */
  close(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    closeQuietly(this.connection);
  }

  async #read(): Promise<void> {
    const greeting = new GreetingDecoder();
    const buffer = new Uint8Array(65_536);
    for (;;) {
      if (this.isDeaf) await new Promise(() => {});
      const length = await this.connection.read(buffer).catch(() => null); // a reset is an end too
      if (length === null) break;
      try {
        this.#take(greeting, buffer.subarray(0, length));
      } catch (error) {
        this.failure = error;
        break;
      }
    }
    this.hasEnded = true;
    this.#offered.resolve(undefined);
    this.#secured.resolve(undefined);
    this.close();
  }

  #take(greeting: GreetingDecoder, bytes: Uint8Array): void {
    let rest: Uint8Array | undefined = bytes;
    if (greeting.rest === undefined) {
      for (const message of greeting.push(bytes)) {
        if (message.type === "welcome") this.welcome.push(message.text);
        else this.#open(message.offer);
      }
      rest = greeting.rest;
    }
    if (rest === undefined || this.#link === undefined) return;
    for (const message of this.#link.push(rest)) this.#takeMessage(message);
  }

  #open(offer: LinkOffer | undefined): void {
    this.#offered.resolve(offer);
    if (offer === undefined || !this.#opens) return this.#secured.resolve(undefined);
    this.#link = new LinkClient(offer, crypto.getRandomValues(new Uint8Array(32)));
    this.send(this.#link.open()).catch(() => {});
  }

  #takeMessage(message: LinkServerMessage): void {
    if (message.type === "secured") return this.#secured.resolve(message.handshakeHash);
    this.messages.push(message);
    switch (message.type) {
      case "add": {
        this.table.set(message.entry.session.toHex(), message.entry);
        this.updates.push(`A ${message.entry.name}`);
        break;
      }
      case "change":
      case "delete": {
        const id = message.session.toHex();
        const entry = this.table.get(id);
        if (entry === undefined) throw new Error(`expected a session of the table, got ${id}`);
        this.updates.push(`${message.type === "change" ? "U" : "D"} ${entry.name}`);
        if (message.type === "delete") this.table.delete(id);
        else this.table.set(id, { ...entry, ...message.details });
        break;
      }
      case "ping":
        if (this.answers) this.say({ type: "pong", token: message.token }).catch(() => {});
    }
  }
}
