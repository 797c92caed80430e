/** Servers that say whatever their test wants. */

import {
  type Certificate,
  createAnnouncement,
  createSignature,
  decodeLogin,
  encodeAdd,
  encodeLinkNotice,
  encodeLinkUpdate,
  encodePreamble,
  encodeWelcome,
  formatLinkAnnouncement,
  formatRotationLine,
  GreetingDecoder,
  hashTable,
  identityOf,
  type KeyRotation,
  type LinkClientMessage,
  type LinkEntry,
  type LinkLogin,
  type LinkMessage,
  type LinkNotice,
  type LinkNoticeOf,
  type LinkOffer,
  LinkServer,
  type LinkUpdate,
  type Login,
  noisePublicKey,
  RecordSealer,
} from "../../protocol/mod.ts";
import { newKey } from "../fixtures/keys.ts";
import type { Wire } from "./peers.ts";
import type { Place, TestEnvironment } from "./test_environment.ts";

/** What a bare server hears once it has welcomed a client: the login. */
export async function hearLogin(wire: Wire): Promise<Login> {
  const [high = 0, low = 0] = await wire.bytes(2);
  return decodeLogin(await wire.bytes(high << 8 | low));
}

/**
 * What a bare server does to be believed: welcomes the client, hears its login, and gives its own
 * entry back.
 *
 * @param more goes out right behind it
 */
export async function logIn(wire: Wire, ...more: readonly Uint8Array[]): Promise<void> {
  await wire.say("Welcome\n\n");
  const login = await hearLogin(wire);
  const { hostname } = wire.connection.remoteAddr;
  await wire.say(encodeAdd({ ...login, address: hostname }), ...more);
}

/** A server that lists so many users, `user 0` and on, beside whoever logs in. */
export function serverWithMany(env: TestEnvironment, count: number): Place {
  return env.listen(async (wire) => {
    const users = Array.from({ length: count }, (_, n) => ({
      name: `user ${n}`,
      address: `10.1.${n >> 8}.${n & 255}`,
      port: 4000,
    }));
    await logIn(wire, ...users.map(encodeAdd));
    await wire.hung();
  });
}

/** So many bytes of the same value: a session, a key, or what is to look like one. */
export function bytes(length: number, value: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(value);
}

/** A row as a MIM/2 server tells it; a classic client's where nothing says otherwise. */
export function row(fields: Partial<LinkEntry> & Pick<LinkEntry, "name">): LinkEntry {
  return {
    address: "198.51.100.9",
    port: 4000,
    session: crypto.getRandomValues(new Uint8Array(8)),
    capabilities: 0,
    identity: new Uint8Array(0),
    certificate: undefined,
    availability: "online",
    status: "",
    reachability: "unknown",
    addresses: [],
    ...fields,
  };
}

/**
 * A MIM/2 server that says what its test has it say.
 *
 * @example
 * ```ts ignore
 * const server = new Mim2Server();
 * const at = server.listen(env, async (visit) => {
 *   await visit.logIn(row({ name: "bob" }));
 *   await visit.say({ type: "ping", token: 7 });
 *   assertEquals(await visit.hear(), { type: "pong", token: 7 });
 * });
 * ```
 */
export class Mim2Server {
  /** Its private key. */
  key: Uint8Array;
  /** Its private static key. */
  staticKey = newKey();
  /** How its key has changed, the oldest first. */
  rotations: KeyRotation[] = [];
  /** Whether it says that it certifies nobody. */
  isUncertified = false;

  constructor(key: Uint8Array = newKey()) {
    this.key = key;
  }

  /** Its public key. */
  get publicKey(): Uint8Array {
    return identityOf(this.key);
  }

  /** Its welcome, with this text. */
  welcome(text = "Welcome"): Uint8Array<ArrayBuffer> {
    const announcement = createAnnouncement(
      this.key,
      noisePublicKey(this.staticKey),
      this.isUncertified,
    );
    const lines = [...this.rotations.map(formatRotationLine), formatLinkAnnouncement(announcement)];
    return encodeWelcome([text, ...lines].join("\n"));
  }

  /** Its certificate for a name. */
  certify(name: string, identity: Uint8Array, issued: number, claimed = issued): Certificate {
    const signature = createSignature({ type: "name", claimed, issued, identity, name }, this.key);
    return { claimed, issued, signature };
  }

  /** Listens on a machine of its own; each connection stays open behind its script. */
  listen(env: TestEnvironment, script: (visit: Visit) => Promise<void>): Place {
    return env.listen((wire) => script(new Visit(wire, this)));
  }
}

/** The offer in a welcome. */
export function offerIn(welcome: Uint8Array): LinkOffer {
  const end = [...new GreetingDecoder().push(welcome)].at(-1);
  if (end?.type === "welcome-end" && end.offer !== undefined) return end.offer;
  throw new Error("expected a welcome that announces MIM/2");
}

/** What a {@linkcode Visit} can say; it fills in what depends on what it said before. */
export type Said =
  | LinkUpdate
  | LinkNotice
  | { readonly type: "complete"; readonly rows: number }
  | { readonly type: "ping"; readonly token: number };

/** One connection to a {@linkcode Mim2Server}. */
export class Visit {
  readonly wire: Wire;
  readonly server: Mim2Server;
  /** Seals what it says of the table. */
  sealer = new RecordSealer(1, newKey());
  /** Whether it signs its log behind all that it says. */
  signs = true;
  /** What its clock shows, in milliseconds since 1970. */
  serverTime = 1_754_331_886_096;
  /** The client's session. */
  session: Uint8Array = bytes(8, 1);
  /** The hash of the handshake. */
  handshakeHash = new Uint8Array();
  #prologue = new Uint8Array();
  #link: LinkServer | undefined;
  #login: LinkLogin | undefined;
  /** The records of the table; undefined once it is complete. */
  #table: Uint8Array[] | undefined = [];

  constructor(wire: Wire, server: Mim2Server) {
    this.wire = wire;
    this.server = server;
  }

  /** What the client has logged in with. */
  get login(): LinkLogin {
    if (this.#login === undefined) throw new Error("expected a login before this");
    return this.#login;
  }

  /** The client's own row. */
  get own(): LinkEntry {
    const { name, port, identity, availability, status, addresses } = this.login;
    const { hostname } = this.wire.connection.remoteAddr;
    const fields = { name, port, identity, availability, status, addresses };
    return row({ ...fields, address: hostname, session: this.session });
  }

  /** Sends a welcome that announces MIM/2. */
  async announce(text?: string): Promise<void> {
    const welcome = this.server.welcome(text);
    this.#prologue = Uint8Array.from(offerIn(welcome).prologue);
    await this.wire.say(welcome);
  }

  /** Sends a welcome that announces MIM/2, and hears the login. */
  async welcome(text?: string): Promise<LinkLogin> {
    await this.announce(text);
    const login = await this.readLogin();
    if (!("identity" in login)) throw new Error("expected a MIM/2 login, got a classic one");
    return login;
  }

  /** Hears the login; through a link, behind the handshake. */
  async readLogin(): Promise<Login | LinkLogin> {
    const [high = 0, low = 0] = await this.wire.bytes(2);
    if (high !== 0xff) return decodeLogin(await this.wire.bytes(high << 8 | low));
    await this.shakeHands();
    const message = await this.#next();
    if (message?.type !== "login") throw new Error(`expected a login, got ${message?.type}`);
    return this.#login = message.login;
  }

  /** Does the handshake of a link, of whose preamble two bytes have been read. */
  async shakeHands(): Promise<void> {
    await this.wire.bytes(4);
    const { staticKey } = this.server;
    this.#link = new LinkServer({
      prologue: this.#prologue,
      staticKey,
      ephemeralKey: newKey(),
    });
    const secured = await this.#next();
    if (secured?.type !== "secured") throw new Error("expected a handshake");
    this.handshakeHash = Uint8Array.from(secured.handshakeHash);
    await this.wire.say(secured.reply);
  }

  /** What accepts the login, and proves the server's key. */
  accepted(pingSeconds = 30): LinkNoticeOf<"accepted"> {
    const { session, server, handshakeHash, serverTime, sealer: { epoch, secret } } = this;
    const signature = createSignature({ type: "server", handshakeHash, session }, server.key);
    return {
      ...{ type: "accepted", session, signature, address: "198.51.100.1", pingSeconds },
      ...{ serverTime, epoch, secret, isWatching: false, isAdmin: false },
    };
  }

  /** All of a login: the welcome, the acceptance, and a table of these rows and the own one. */
  async logIn(...rows: readonly LinkEntry[]): Promise<void> {
    await this.welcome();
    await this.accept(...rows);
  }

  /** Accepts the login, and says a table of these rows and the own one. */
  async accept(...rows: readonly LinkEntry[]): Promise<void> {
    await this.say(
      this.accepted(),
      ...[this.own, ...rows].map(add),
      { type: "complete", rows: rows.length + 1 },
    );
  }

  /** Says updates and notices, in one piece. */
  async say(...messages: readonly Said[]): Promise<void> {
    await this.wire.say(...this.encode(...messages));
  }

  /** What it says, as bytes: to be sent in this order, behind all that was encoded before. */
  encode(...messages: readonly Said[]): Uint8Array[] {
    const blocks: Uint8Array[] = [];
    let updates: Uint8Array[] = [];
    const seal = () => {
      if (updates.length > 0) blocks.push(...this.#seal(updates));
      updates = [];
    };
    for (const message of messages) {
      if (message.type === "add" || message.type === "change" || message.type === "delete") {
        updates.push(encodeLinkUpdate(message));
        continue;
      }
      seal();
      blocks.push(this.encrypt(encodeLinkNotice(this.#filledIn(message))));
    }
    seal();
    return blocks;
  }

  /** Encrypts whatever body for this client alone. */
  encrypt(body: Uint8Array): Uint8Array {
    if (this.#link === undefined) throw new Error("expected a handshake before this");
    return this.#link.encrypt(body);
  }

  /** What the client says next; a classic one says nothing after its login. */
  async hear(): Promise<LinkClientMessage | undefined> {
    if (this.#link === undefined) {
      await this.wire.hung();
      throw new Deno.errors.UnexpectedEof("the client has closed");
    }
    const message = await this.#next();
    if (message?.type !== "login" && message?.type !== "secured") return message;
    throw new Error(`expected a message after the login, got ${message.type}`);
  }

  #seal(updates: readonly Uint8Array[]): Uint8Array[] {
    if (this.#table !== undefined) {
      const records = [...this.sealer.sealTable(updates)];
      this.#table.push(...records);
      return records;
    }
    const records = this.sealer.sealLog(updates);
    return this.signs ? [...records, this.sealer.sealChainSignature(this.server.key)] : records;
  }

  #filledIn(message: Exclude<Said, LinkUpdate>): LinkNotice {
    const { epoch, nextNumber: number, chain } = this.sealer;
    if (message.type === "ping") return { epoch, number, ...message };
    if (message.type !== "complete") return message;
    const tableHash = hashTable(this.#table ?? []);
    this.#table = undefined;
    return { epoch, number, chain, tableHash, ...message };
  }

  async #next(): Promise<LinkMessage | undefined> {
    if (this.#link === undefined) throw new Error("expected a handshake before this");
    const size = await this.wire.bytes(2);
    const [high = 0, low = 0] = size;
    const body = await this.wire.bytes(high << 8 | low);
    return [...this.#link.push(size), ...this.#link.push(body)][0];
  }
}

/** The Add of a row. */
export function add(entry: LinkEntry): LinkUpdate {
  return { type: "add", entry };
}

/** The Delete of a row. */
export function remove({ session }: Pick<LinkEntry, "session">): LinkUpdate {
  return { type: "delete", session };
}

/** A listener that answers probes as a MIM/2 client's does, and counts who came. */
export class Probed implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #answering: Promise<void>;
  /** How often it was probed. */
  probes = 0;

  constructor() {
    this.#answering = this.#answer();
  }

  /** The port. */
  get port(): number {
    return this.#listener.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#answering;
  }

  async #answer(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        using _ = connection;
        const buffer = new Uint8Array(6);
        await connection.read(buffer);
        if (buffer.toHex() !== encodePreamble("probe").toHex()) continue;
        this.probes++;
        await connection.write(buffer);
      }
    } catch {
      // Closed.
    }
  }
}
