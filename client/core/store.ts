import { equals } from "@std/bytes/equals";
import { type ActionKind, confusableKey } from "../../protocol/mod.ts";
import {
  type ActionChange,
  ActionMemory,
  type MessageAction,
  type MessageRef,
} from "./actions/mod.ts";
import { checkKeyLength } from "./public_key.ts";
import type { RoomStore } from "./room_store.ts";

/** A key that was met under a name on one server. A user of that name with another key is someone else. */
export interface Pin {
  /** The server to which the name belongs: its public key in hex, or {@linkcode THIS_MACHINE}. */
  readonly server: string;
  /** The peer's name, as it came. */
  readonly name: string;
  /** The peer's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** Whether the user has compared the safety number. */
  readonly verified: boolean;
  /** When the key was first met, in milliseconds since 1970. */
  readonly since: number;
  /** The address at which the peer was last reached. */
  readonly address?: string;
  /** The latest claim of this name that a certificate has proven, by whichever key. */
  readonly claim?: {
    /** Its public key, 32 bytes. */
    readonly identity: Uint8Array;
    /** When it took the name by the server's clock, in milliseconds since 1970. */
    readonly claimed: number;
  };
}

/** Stands for the server that some client of this machine hosts: its key changes with the host. */
export const THIS_MACHINE = "this machine";

/** A message that has not been acknowledged. It is meant for a key, under any name. */
export interface Outgoing {
  /** Names the message on both sides: 8 bytes in hex. */
  readonly id: string;
  /** The name under which its recipient is known. */
  readonly name: string;
  /** The server of that name: see {@linkcode Pin.server}. */
  readonly server: string;
  /** The recipient's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** Its content: a text, or the body of an action. */
  readonly text: string;
  /** The message that it answers. */
  readonly reply?: MessageRef | undefined;
  /** Its action on an earlier message, if it is no text. */
  readonly action?: OutgoingAction | undefined;
  /** The files that it offers, as `encodeFileOffer` has them; the text names them for people. */
  readonly offer?: Uint8Array | undefined;
  /** Instead of a text: the statement that the user has a new key, as `encodeRotation` has it. */
  readonly rotation?: Uint8Array | undefined;
  /** When it was written, in milliseconds since 1970. */
  readonly time: number;
  /** When it is given up, in milliseconds since 1970; never without it. */
  readonly expires?: number | undefined;
}

/** The action of a message in the outbox on an earlier one. */
export interface OutgoingAction {
  /** The type of the action. */
  readonly type: ActionKind;
  /** The earlier message. */
  readonly target: MessageRef;
}

/** A message that came from a MIM/2 peer. */
export interface Incoming {
  /** The ID that the sender has chosen: 8 bytes in hex. */
  readonly id: string;
  /** The sender's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** The sender's name, as it came. */
  readonly name: string;
  /** Its IP address. */
  readonly address: string;
  /** The port at which it can be called, or from which it called. */
  readonly port: number;
  /** The text, as it came. */
  readonly text: string;
  /** When it was written, as the sender says, in milliseconds since 1970. */
  readonly time: number;
  /** The message that it answers, which need not be known. */
  readonly reply?: MessageRef | undefined;
}

/** An action of either side on a message of a chat with a MIM/2 peer. */
export type StoredAction =
  & MessageAction
  & Pick<Incoming, "identity" | "name" | "address" | "port">;

/**
 * The data that a messenger needs again in its next run; several messengers may share one store. Once a
 * promise has resolved, the data is safe from the end of the program. A method that fails rejects, best
 * with a {@linkcode ClientError} `storage-failed`: the user's request is not carried out then, and the
 * error reports that.
 */
export interface Store {
  /** The storage for rooms; without it they are forgotten with the program. */
  readonly rooms?: RoomStore | undefined;
  /**
   * The key that the server at this `host:port` had, 32 bytes; empty if the user lets it speak classic
   * MIM; undefined for one never met.
   */
  serverKey(server: string): Promise<Uint8Array | undefined>;
  /**
   * From now on the server at this `host:port` is to have this key, or may have none if it is empty.
   *
   * @throws {RangeError} if a key has not 32 bytes; likewise for those of pins and messages
   */
  pinServer(server: string, key: Uint8Array): Promise<void>;
  /**
   * The server at this `host:port` has accepted a login with the user's own key. Without this method,
   * nothing warns of a new key that a server could not follow.
   */
  recordLogin?(server: string, identity: Uint8Array): Promise<void>;
  /** The `host:port`s at which a server has that key; none for one never met. */
  placesOf(key: Uint8Array): Promise<string[]>;
  /** The pin of a name on a server; names that look alike are one: see {@linkcode confusableKey}. */
  pin(server: string, name: string): Promise<Pin | undefined>;
  /** All pins of a server, the oldest first. */
  pins(server: string): Promise<Pin[]>;
  /**
   * The servers at which a name is pinned: each as its `host:port`, or, if none is known any more,
   * as {@linkcode Pin.server} has it; the oldest pin first.
   */
  serversKnowing(name: string): Promise<string[]>;
  /** Adds a pin, or replaces the one with the same server and name. */
  keepPin(pin: Pin): Promise<void>;
  /** Removes the pin of a name, if there is one. */
  removePin(server: string, name: string): Promise<void>;
  /**
   * Someone has a new key: pins lose `verified` and have it from now on, at every server, and messages to
   * and from the old key count as those of the new one.
   */
  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): Promise<void>;
  /** All messages that are not acknowledged, the oldest first. */
  outbox(): Promise<Outgoing[]>;
  /** Adds messages to the outbox: all of them, or none. */
  queue(messages: readonly Outgoing[]): Promise<void>;
  /** Removes a message from the outbox; false if it is not there. */
  removeFromOutbox(id: string): Promise<boolean>;
  /** Gives a message in the outbox another text; false if it is not there. */
  changeInOutbox(id: string, text: string): Promise<boolean>;
  /**
   * Stores a message that came in, and remembers its id.
   *
   * @returns `duplicate` if that key has sent this id before
   */
  receive(message: Incoming): Promise<"inserted" | "duplicate">;
  /**
   * Applies an action to its message by the rules of {@linkcode applyToMessage}. If the message is its
   * author's and was never here, the action is kept for it: the last 256 of each key.
   *
   * @returns what is different now; undefined if nothing is
   */
  applyAction(action: StoredAction): Promise<ActionChange | undefined>;
  /** Applies what was kept for a message that has just been received. */
  applyKept(message: Pick<Incoming, "identity" | "id">): Promise<ActionChange[]>;
  /** The peer has seen the messages to it up to this one: false if it is unknown, or no news. */
  markSeen(identity: Uint8Array, id: string): Promise<boolean>;
}

/** So many ids of received messages are remembered. */
const MAX_RECENT_IDS = 10_000;

/** A store in memory, which ends with the program: for bots and tests. */
export class MemoryStore implements Store {
  readonly #servers = new Map<string, Uint8Array>();
  readonly #pins = new Map<string, Pin>();
  readonly #outbox = new Map<string, Outgoing>();
  readonly #received = new Set<string>();
  readonly #actions = new ActionMemory();

  serverKey(server: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#servers.get(server));
  }

  pinServer(server: string, key: Uint8Array): Promise<void> {
    return Promise.try(() => {
      if (key.length > 0) checkKeyLength(key);
      this.#servers.set(server, key);
    });
  }

  placesOf(key: Uint8Array): Promise<string[]> {
    const places = [...this.#servers].filter(([, each]) => key.length > 0 && equals(each, key));
    return Promise.resolve(places.map(([place]) => place));
  }

  pin(server: string, name: string): Promise<Pin | undefined> {
    return Promise.resolve(this.#pins.get(pinKey(server, name)));
  }

  pins(server: string): Promise<Pin[]> {
    const pins = [...this.#pins.values()].filter((pin) => pin.server === server);
    return Promise.resolve(pins);
  }

  serversKnowing(name: string): Promise<string[]> {
    const pinned = [...this.#pins.values()].filter((pin) =>
      confusableKey(pin.name) === confusableKey(name)
    );
    const servers = pinned.flatMap(({ server }) => {
      const places = [...this.#servers].filter(([, key]) => key.toHex() === server);
      return places.length === 0 ? [server] : places.map(([place]) => place);
    });
    return Promise.resolve(servers);
  }

  keepPin(pin: Pin): Promise<void> {
    return Promise.try(() => {
      checkKeyLength(pin.identity);
      this.#pins.set(pinKey(pin.server, pin.name), pin);
    });
  }

  removePin(server: string, name: string): Promise<void> {
    this.#pins.delete(pinKey(server, name));
    return Promise.resolve();
  }

  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): Promise<void> {
    return Promise.try(() => {
      checkKeyLength(newKey);
      for (const [at, pin] of this.#pins) {
        if (!equals(pin.identity, oldKey)) continue;
        this.#pins.set(at, { ...pin, identity: newKey, verified: false });
      }
      for (const [id, message] of this.#outbox) {
        if (equals(message.identity, oldKey)) {
          this.#outbox.set(id, { ...message, identity: newKey });
        }
      }
      this.#actions.rotate(oldKey, newKey);
      for (const key of this.#received) {
        const [from, id] = key.split(" ");
        if (from === oldKey.toHex()) this.#received.add(`${newKey.toHex()} ${id}`);
      }
    });
  }

  outbox(): Promise<Outgoing[]> {
    return Promise.resolve([...this.#outbox.values()]);
  }

  queue(messages: readonly Outgoing[]): Promise<void> {
    return Promise.try(() => {
      for (const { identity } of messages) checkKeyLength(identity);
      for (const message of messages) {
        this.#outbox.set(message.id, message);
        const { id, identity, text, action, rotation } = message;
        if (action !== undefined || rotation !== undefined) continue;
        this.#actions.remember(identity, { id, direction: "outgoing" }, text);
      }
    });
  }

  removeFromOutbox(id: string): Promise<boolean> {
    return Promise.resolve(this.#outbox.delete(id));
  }

  changeInOutbox(id: string, text: string): Promise<boolean> {
    const message = this.#outbox.get(id);
    if (message !== undefined) this.#outbox.set(id, { ...message, text });
    return Promise.resolve(message !== undefined);
  }

  receive({ identity, id, text }: Incoming): Promise<"inserted" | "duplicate"> {
    const key = `${identity.toHex()} ${id}`;
    if (this.#received.has(key)) return Promise.resolve("duplicate");
    this.#received.add(key);
    const [oldest] = this.#received;
    if (this.#received.size > MAX_RECENT_IDS && oldest !== undefined) this.#received.delete(oldest);
    this.#actions.remember(identity, { id, direction: "incoming" }, text);
    return Promise.resolve("inserted");
  }

  applyAction(action: StoredAction): Promise<ActionChange | undefined> {
    const { identity, target } = action;
    const wasHere = target.direction === "incoming" &&
      this.#received.has(`${identity.toHex()} ${target.id}`);
    return Promise.resolve(this.#actions.apply(identity, action, wasHere));
  }

  applyKept({ identity, id }: Pick<Incoming, "identity" | "id">): Promise<ActionChange[]> {
    return Promise.resolve(this.#actions.applyKept(identity, { id, direction: "incoming" }));
  }

  markSeen(identity: Uint8Array, id: string): Promise<boolean> {
    return Promise.resolve(this.#actions.markSeen(identity, id));
  }
}

function pinKey(server: string, name: string): string {
  return `${server} ${confusableKey(name)}`;
}
