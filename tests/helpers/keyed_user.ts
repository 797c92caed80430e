import { ChatManager } from "../../client/core/chats/chat_manager.ts";
import { CallScreener } from "../../client/core/calls/call_screener.ts";
import {
  type Chat,
  MemoryStore,
  type MessengerEvent,
  type OnlineUser,
  type Store,
} from "../../client/core/mod.ts";
import { PeerListener } from "../../client/core/peer/listener.ts";
import type { Network } from "../../server/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { testKey } from "../fixtures/keys.ts";
import type { EventRecord } from "../../client/terminal/render/record.ts";
import type { ClientEvent } from "../../client/app/mod.ts";
import type { EventRecorder, ExpectedFields } from "./event_recorder.ts";
import { recordEvents, withErrorText } from "./test_user.ts";
import type { Components } from "../../client/core/components.ts";
import { EventBus } from "../../client/core/event_bus.ts";
import { IdentityKeys } from "../../client/core/identity_keys.ts";

/** What differs from a user who has a key, at a server that tells of keys. */
export interface KeyedUserOptions {
  /** The private key; null for a classic client. */
  readonly key?: Uint8Array | null;
  readonly store?: Store;
  /** The machine; a new one where it is left out. */
  readonly address?: string;
  readonly network?: Network;
}

/**
 * Users on one network, and what a server would tell them of each other: a stand-in for one, so that
 * tests have it lie.
 *
 * @example
 * ```ts ignore
 * await using town = new KeyedTown();
 * const [ada, bob] = [town.user("ada"), town.user("bob")];
 * const chat = await ada.call(bob);
 * ```
 */
export class KeyedTown implements AsyncDisposable {
  readonly network = new FakeNetwork();
  /** Whose names they are; undefined for a server of classic MIM. */
  id: string | undefined = "5e".repeat(32);
  /** Whether it is there. */
  online = true;
  /** Whether it passes on that somebody wants to be called. */
  passesOn = true;
  readonly users: KeyedUser[] = [];
  readonly #all: KeyedUser[] = [];
  readonly #others: Promise<unknown>[] = [];
  #machines = 0;

  /** A user who is in the table. */
  user(name: string, options: KeyedUserOptions = {}): KeyedUser {
    const user = this.#make(name, options);
    this.users.push(user);
    for (const other of this.users) {
      if (other !== user) other.bus.emit({ type: "user-reachable", user: other.sees(user) });
    }
    return user;
  }

  /** A user who is not in the table. */
  stranger(name: string, options: KeyedUserOptions = {}): KeyedUser {
    return this.#make(name, options);
  }

  /** Another machine's address. */
  machine(): string {
    return `198.18.0.${++this.#machines}`;
  }

  /** Something else goes on: its end is waited for before it is looked whether anything is left open. */
  goesOn(other: Promise<unknown>): void {
    this.#others.push(other);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const user of this.#all) await user.leave();
    await Promise.all(this.#others);
    if (this.network.open !== 0) {
      throw new Error(`expected nothing open, got ${this.network.open} ends and listeners`);
    }
  }

  #make(name: string, options: KeyedUserOptions): KeyedUser {
    const user = new KeyedUser(this, name, this.#all.length + 1, options);
    this.#all.push(user);
    return user;
  }
}

/** A user with a key of its own: chats, a listener, and a witness of what is told. */
export class KeyedUser {
  readonly name: string;
  readonly keys: IdentityKeys | undefined;
  readonly address: string;
  readonly store: Store;
  /** The event bus of its core. */
  readonly bus = new EventBus();
  readonly components: Pick<Components, "network" | "store" | "keys" | "events" | "signaling">;
  readonly gate: CallScreener;
  readonly chats: ChatManager;
  readonly events: EventRecorder<ClientEvent, EventRecord>;
  readonly session: Uint8Array;
  /** Who could not be dialled, as this one has told the server. */
  readonly unreached: string[] = [];
  /** What this user's table says in the place of what is true. */
  lies: ((user: OnlineUser) => OnlineUser) | undefined;
  readonly #town: KeyedTown;
  readonly network: Network;
  #listener: PeerListener | undefined;

  constructor(town: KeyedTown, name: string, number: number, options: KeyedUserOptions) {
    const { key = testKey(number), store = new MemoryStore(), address = town.machine() } = options;
    this.#town = town;
    const user = (): this => this;
    this.name = name;
    this.keys = key === null ? undefined : new IdentityKeys(key);
    this.address = address;
    this.network = options.network ?? town.network.host(address);
    this.store = store;
    this.session = new Uint8Array(8).fill(number);
    this.events = recordEvents(name);
    this.bus.onAny((event) => this.events.add(withErrorText(event)));
    this.gate = new CallScreener({ events: this.bus });
    this.components = {
      network: this.network,
      store,
      keys: this.keys,
      events: this.bus,
      signaling: {
        get id() {
          return town.id;
        },
        name,
        get isOnline() {
          return town.online;
        },
        get users() {
          return user().#town.users.map((other) => user().sees(other));
        },
        requestCallback: (session) => town.passesOn && this.#ask(session),
        reportUnreachable: (session) => void this.unreached.push(session.toHex()),
      },
    };
    this.chats = new ChatManager({ ...this.components, screener: this.gate });
    this.listen();
  }

  /** Where it listens. */
  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** The key, or none. */
  get identity(): Uint8Array {
    return this.keys?.identity ?? new Uint8Array();
  }

  /** How another user stands in this one's table. */
  sees(user: KeyedUser): OnlineUser {
    const { name, address, port, identity, session } = user;
    const details = {
      session,
      capabilities: 0,
      identity,
      issued: 0,
      certificate: new Uint8Array(),
      availability: "online",
      status: "",
      reachability: "unknown",
      addresses: [],
    } as const;
    const row = { name, address, port, id: 1, own: user === this };
    const known = this.#town.id === undefined ? row : { ...row, details };
    return this.lies?.(known) ?? known;
  }

  /** The safety number with the user of that name. */
  safetyNumber(name: string): string {
    return this.chats.pins.safetyNumber(this.identity, name);
  }

  /** Calls somebody of the table. */
  call(user: KeyedUser): Promise<Chat> {
    return this.chats.call(this.sees(user));
  }

  /** Waits until it is told this; see {@linkcode EventRecorder.saw}. */
  saw<Kind extends MessengerEvent["type"]>(
    type: Kind,
    fields?: ExpectedFields,
  ): Promise<Extract<ClientEvent, { type: Kind }>> {
    return this.events.saw(type, fields);
  }

  /** Listens for calls, unless it does already. */
  listen(): void {
    this.#listener ??= new PeerListener(this.components, this.address, 0, this.chats);
  }

  /** Takes no more calls. */
  deafen(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Is not in the table any more, and ends its chats. */
  async leave(): Promise<void> {
    this.vanish();
    this.deafen();
    await this.chats.closeAll();
  }

  /** Is not in the table any more; its chats go on. */
  vanish(): void {
    const at = this.#town.users.indexOf(this);
    if (at >= 0) this.#town.users.splice(at, 1);
  }

  #ask(session: Uint8Array): boolean {
    const user = this.#town.users.find((user) => user.session.toHex() === session.toHex());
    user?.bus.emit({ type: "callback-requested", user: user.sees(this) });
    return user !== undefined;
  }
}
