import {
  type Chat,
  Identity,
  MemoryStore,
  type MessengerOptions,
  type OnlineUser,
  type Store,
} from "../../client/core/mod.ts";
import type { LinkEntry } from "../../protocol/mod.ts";
import type { Network } from "../../server/mod.ts";
import { testKey } from "../fixtures/keys.ts";
import { bytes } from "./fake_server.ts";
import type { TableServer } from "./table_server.ts";
import { TestUser } from "./test_user.ts";

/** Events about the server and its table, at which tests of chats do not look. */
const SERVER_EVENTS: ReadonlySet<string> = new Set(
  "connected welcome listening logged-in logged-out disconnected online offline presence".split(
    " ",
  ),
);

/** What a test may change of a row of the table. */
export type Row = Pick<
  LinkEntry,
  "name" | "address" | "port" | "session" | "identity" | "certificate" | "capabilities"
>;

/** How a {@linkcode TableUser} differs from one with a key on a machine of its own. */
export interface TableUserOptions {
  /** The private key; null for a classic client. */
  readonly key?: Uint8Array | null;
  readonly store?: Store;
  readonly address?: string;
  readonly network?: Network;
  /** Whether the others are not told of this user. */
  readonly isHidden?: boolean;
  /** What else the messenger is given. */
  readonly more?: Partial<MessengerOptions>;
  /** Whether the server certifies the name; it does if this is left out. */
  readonly isCertified?: boolean;
}

/** A user of a {@linkcode TableServer}. */
export class TableUser extends TestUser {
  readonly address: string;
  readonly session: Uint8Array;
  readonly store: Store;
  /** The sessions that this user has reported as unreachable. */
  readonly unreached: string[] = [];
  /** Whether the others are not told of this user. */
  isHidden: boolean;
  readonly isCertified: boolean;
  /** Changes what the server tells this user. */
  lie: ((row: Row) => Row) | undefined;
  readonly #server: TableServer;

  /** Use {@linkcode TableServer.user}. */
  constructor(server: TableServer, name: string, number: number, options: TableUserOptions) {
    const { key = testKey(number), store = new MemoryStore(), address = server.machine() } =
      options;
    super({
      name,
      server: server.at,
      listen: { hostname: address },
      network: options.network ?? server.network.host(address),
      store,
      ...(key !== null && { identity: Identity.fromBytes(key) }),
      ...options.more,
    }, (event) => !SERVER_EVENTS.has(event.type));
    this.#server = server;
    this.address = address;
    this.session = bytes(8, number);
    this.store = store;
    this.isHidden = options.isHidden ?? false;
    this.isCertified = options.isCertified ?? true;
  }

  /** The public key; empty for a classic client. */
  get identity(): Uint8Array {
    return this.publicKey ?? new Uint8Array(0);
  }

  /** Where it listens. */
  get port(): number {
    return [...this.users].find(({ own }) => own)?.port ?? 0;
  }

  /** Whether this is the user's session. */
  hasSession(session: Uint8Array): boolean {
    return session.toHex() === this.session.toHex();
  }

  /** Has the server lie about others from now on, or tell the truth again. */
  async isTold(lie?: (row: Row) => Row): Promise<void> {
    this.lie = lie;
    await this.#server.update();
  }

  /** The row of another user in this one's table. */
  sees(other: TableUser): OnlineUser {
    const row = [...this.users].find(({ name, port, details }) =>
      details ? other.hasSession(details.session) : name === other.name && port === other.port
    );
    if (row === undefined) throw new Error(`expected ${other.name} to be in the table`);
    return row;
  }

  /** Calls another user. */
  override async call(
    who: TableUser | OnlineUser | string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Chat> {
    return await super.call(who instanceof TableUser ? this.sees(who) : who, options);
  }

  /** Leaves the table; its chats go on. */
  async vanish(): Promise<void> {
    this.isHidden = true;
    await this.#server.update();
  }

  /** Logs out, and ends its chats. */
  async leave(): Promise<void> {
    this.isHidden = true;
    await this.quit();
    await this.#server.update();
  }
}
