/** Servers that say whatever their test wants. */

import {
  type ClientMessage,
  decodeLogin,
  encodeAdd,
  encodeMim2Update,
  encodeNotice,
  encodePreamble,
  formatAnnouncement,
  identityOf,
  type Login,
  type Mim2Entry,
  type Mim2Login,
  type Mim2Notice,
  type Mim2Update,
  signStatement,
} from "../../protocol/mod.ts";
import { newKey } from "../fixtures/keys.ts";
import type { Wire } from "./peers.ts";
import type { Place, TestEnvironment } from "./test_environment.ts";
import { decodeAnyLogin, decodeClientMessage } from "../../protocol/mim2/login.ts";

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
export function row(fields: Partial<Mim2Entry> & Pick<Mim2Entry, "name">): Mim2Entry {
  return {
    address: "198.51.100.9",
    port: 4000,
    session: crypto.getRandomValues(new Uint8Array(8)),
    capabilities: 0,
    identity: new Uint8Array(0),
    issued: 0,
    certificate: new Uint8Array(0),
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

  constructor(key = newKey()) {
    this.key = key;
  }

  /** Its public key. */
  get publicKey(): Uint8Array {
    return identityOf(this.key);
  }

  /** Listens on a machine of its own; each connection stays open behind its script. */
  listen(env: TestEnvironment, script: (visit: Visit) => Promise<void>): Place {
    return env.listen((wire) => script(new Visit(wire, this)));
  }
}

/** One connection to a {@linkcode Mim2Server}. */
export class Visit {
  readonly wire: Wire;
  readonly server: Mim2Server;
  /** The login nonce that was announced. */
  nonce = newKey();
  /** The client's session. */
  session: Uint8Array = bytes(8, 1);
  #login: Mim2Login | undefined;

  constructor(wire: Wire, server: Mim2Server) {
    this.wire = wire;
    this.server = server;
  }

  /** What the client has logged in with. */
  get login(): Mim2Login {
    if (this.#login === undefined) throw new Error("expected a login before this");
    return this.#login;
  }

  /** The client's own row. */
  get own(): Mim2Entry {
    const { name, port, identity, availability, status, addresses } = this.login;
    const { hostname } = this.wire.connection.remoteAddr;
    const fields = { name, port, identity, availability, status, addresses };
    return row({ ...fields, address: hostname, session: this.session });
  }

  /** Sends a welcome that announces MIM/2. */
  async announce(): Promise<void> {
    const { publicKey: serverKey } = this.server;
    await this.wire.say(`Welcome\n${formatAnnouncement({ nonce: this.nonce, serverKey })}\n\n`);
  }

  /** Sends a welcome that announces MIM/2, and hears the login. */
  async welcome(): Promise<Mim2Login> {
    await this.announce();
    const login = await this.readLogin();
    if (!("identity" in login)) throw new Error("expected a MIM/2 login, got a classic one");
    return login;
  }

  /** Hears the login. */
  async readLogin(): Promise<Login | Mim2Login> {
    const login = decodeAnyLogin(await this.#block());
    if ("identity" in login) this.#login = login;
    return login;
  }

  /** What accepts the login, and proves the server's key. */
  accepted(pingSeconds = 30): Extract<Mim2Notice, { type: "accepted" }> {
    const { session, server, login } = this;
    const statement = { type: "server", nonce: login.clientNonce, session } as const;
    const signature = signStatement(statement, server.key);
    return { type: "accepted", session, signature, address: "198.51.100.1", pingSeconds };
  }

  /** All of a login: the welcome, the acceptance, and a table of these rows and the own one. */
  async logIn(...rows: readonly Mim2Entry[]): Promise<void> {
    await this.welcome();
    await this.say(this.accepted(), ...[this.own, ...rows].map(add));
    await this.say({ type: "complete", count: rows.length + 1 });
  }

  /** Says updates and notices. */
  async say(...messages: readonly (Mim2Update | Mim2Notice)[]): Promise<void> {
    await this.wire.say(
      ...messages.map((message) =>
        "entry" in message ? encodeMim2Update(message) : encodeNotice(message)
      ),
    );
  }

  /** What the client says next. */
  async hear(): Promise<ClientMessage | undefined> {
    return decodeClientMessage(await this.#block());
  }

  async #block(): Promise<Uint8Array> {
    const [high = 0, low = 0] = await this.wire.bytes(2);
    return await this.wire.bytes(high << 8 | low);
  }
}

/** The Add of a row. */
export function add(entry: Mim2Entry): Mim2Update {
  return { type: "add", entry };
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
