import {
  type Announcement,
  AnyServerDecoder,
  type AnyServerMessage,
  encodeClientMessage,
  encodeMim2Login,
  identityOf,
  type Mim2Entry,
  type Mim2Login,
  type Mim2Notice,
  type Mim2Update,
  signStatement,
} from "../../protocol/mod.ts";
import { type Connection, type Network, systemNetwork } from "../../server/mod.ts";
import { poll } from "./wait.ts";

type Notice<Kind extends Mim2Notice["type"]> = Extract<Mim2Notice, { type: Kind }>;

/** Why a server refused somebody. */
export type Refusal = { readonly code: number; readonly text: string };

/** How a {@linkcode Mim2Client} logs in. */
export interface Mim2ClientOptions extends Partial<Omit<Mim2Login, "name">> {
  /** The private key, 32 bytes; one of its own where it is left out. */
  readonly key?: Uint8Array;
  /** Whether pings are answered. Default: true. */
  readonly answers?: boolean;
  /** The network that it dials in. Default: the machine's own. */
  readonly network?: Network;
  /** Where the server is. Default: this machine. */
  readonly hostname?: string;
}

/** A MIM/2 client that is nothing but its bytes: what a server says to it, and what it sends. */
export class Mim2Client implements Disposable {
  readonly connection: Connection;
  /** The private key. */
  readonly key: Uint8Array;
  /** The lines of the welcome, without the announcement. */
  readonly welcome: string[] = [];
  /** Everything that came, in order, the welcome apart. */
  readonly messages: (Mim2Update | Mim2Notice)[] = [];
  /** What the welcome announced; resolves to undefined where the server is a classic one. */
  readonly announced: Promise<Announcement | undefined>;
  /** Resolves once the server has closed, however. */
  readonly ended: Promise<void>;
  /** Whether pings are answered. */
  answers: boolean;
  readonly #announced = Promise.withResolvers<Announcement | undefined>();

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
    await client.send(encodeMim2Login(await client.loginOf(name, options)));
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
    await client.send(encodeMim2Login(await client.loginOf(name, options)));
    await client.ended;
    return client.refusal;
  }

  private constructor(connection: Connection, options: Mim2ClientOptions) {
    this.connection = connection;
    this.key = options.key ?? crypto.getRandomValues(new Uint8Array(32));
    this.answers = options.answers ?? true;
    this.announced = this.#announced.promise;
    this.ended = this.#read();
  }

  /** A login that this server takes, once its welcome has come. */
  async loginOf(name: string, options: Mim2ClientOptions = {}): Promise<Mim2Login> {
    const announcement = await this.announced;
    if (announcement === undefined) throw new Error("expected a MIM/2 server, got a classic one");
    const { nonce, serverKey } = announcement;
    const port = options.port ?? 0;
    return {
      name,
      port,
      identity: options.identity ?? identityOf(this.key),
      signature: options.signature ??
        signStatement({ type: "login", nonce, serverKey, port, name }, this.key),
      clientNonce: options.clientNonce ?? crypto.getRandomValues(new Uint8Array(32)),
      capabilities: options.capabilities ?? 0,
      availability: options.availability ?? "online",
      status: options.status ?? "",
      addresses: options.addresses ?? [],
    };
  }

  /** Every message of a kind, in order. */
  all<Kind extends Mim2Notice["type"]>(type: Kind): Notice<Kind>[] {
    return this.messages.filter((message): message is Notice<Kind> => message.type === type);
  }

  /** Every update, as `A name`, `D name` or `U name`. */
  get updates(): string[] {
    const letters = { add: "A", delete: "D", change: "U" } as const;
    return this.messages.filter((message) => "entry" in message)
      .map(({ type, entry }) => `${letters[type]} ${entry.name}`);
  }

  /** The table as it is told so far, by session in hex digits. */
  get table(): Map<string, Mim2Entry> {
    const table = new Map<string, Mim2Entry>();
    for (const message of this.messages) {
      if (!("entry" in message)) continue;
      const id = message.entry.session.toHex();
      if (message.type === "delete") table.delete(id);
      else table.set(id, message.entry);
    }
    return table;
  }

  /** Everybody online with this name. */
  entries(name: string): Mim2Entry[] {
    return [...this.table.values()].filter((entry) => entry.name === name);
  }

  /** The only one online with this name. @throws where there is none, or are several */
  entry(name: string): Mim2Entry {
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

  /** Why the server refused or closed; undefined where it did not say. */
  get refusal(): Refusal | undefined {
    const refusal = this.all("refusal").at(-1);
    return refusal && { code: refusal.code, text: refusal.text };
  }

  /** Sends all bytes. */
  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  /** Says something after the login. */
  async say(message: Parameters<typeof encodeClientMessage>[0]): Promise<void> {
    await this.send(encodeClientMessage(message));
  }

  /** Waits for a condition. */
  until(condition: () => boolean, what: string): Promise<void> {
    const got = () => `${this.updates}, ${this.refusal?.text}`;
    return poll(condition, what, got);
  }

  /** Hangs up. */
  close(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch {
      // Closed already.
    }
  }

  async #read(): Promise<void> {
    const decoder = new AnyServerDecoder();
    const buffer = new Uint8Array(16_384);
    try {
      for (let length; (length = await this.connection.read(buffer)) !== null;) {
        for (const message of decoder.push(buffer.subarray(0, length))) this.#take(message);
      }
    } catch {
      // A reset is an end too.
    }
    this.#announced.resolve(undefined);
    this.close();
  }

  #take(message: AnyServerMessage): void {
    if (message.type === "welcome") this.welcome.push(message.text);
    else if (message.type === "welcome-end") this.#announced.resolve(message.announcement);
    else if (!("entry" in message)) this.messages.push(message);
    else if ("session" in message.entry) this.messages.push({ ...message, entry: message.entry });
    if (message.type === "ping" && this.answers) {
      this.say({ type: "pong", token: message.token }).catch(() => {});
    }
  }
}
