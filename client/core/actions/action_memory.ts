import type { ActionChange, MessageAction, MessageRef } from "./message_action.ts";
import { applyToMessage, type MessageState } from "./message_state.ts";

/** How many messages are remembered, the oldest go first. */
const MAX_MESSAGES = 1_000;
/** How many actions are kept for messages of one key that are not here, and of how many keys. */
const MAX_KEPT_PER_KEY = 256;
const MAX_KEYS_WITH_KEPT = 256;

/**
 * The last 1,000 messages as actions have changed them, in memory: for a {@linkcode Store} that stores no
 * texts, as {@linkcode MemoryStore} does.
 */
export class ActionMemory {
  readonly #messages = new Map<string, MessageState>();
  /** By key in hex: actions on messages that are not here. */
  readonly #kept = new Map<string, MessageAction[]>();
  /** By key in hex: the newest own message that this peer has seen. */
  readonly #seen = new Map<string, string>();

  /** Remembers a text that has come from that key, or goes to it. */
  remember(identity: Uint8Array, message: MessageRef, text: string): void {
    const mark = markOf(identity, message);
    if (this.#messages.has(mark)) return;
    this.#messages.set(mark, { text, reactions: [] });
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > MAX_MESSAGES && oldest !== undefined) this.#messages.delete(oldest);
  }

  /**
   * Applies an action. If it is by the author of a message that has not come yet, it waits for the message.
   *
   * @param identity the peer's public key, 32 bytes
   * @param isForgotten whether that message was here before
   * @returns what is different now; undefined if nothing is
   */
  apply(
    identity: Uint8Array,
    action: MessageAction,
    isForgotten: boolean,
  ): ActionChange | undefined {
    if (!isAllowed(action)) return undefined;
    const { target, by } = action;
    const mark = markOf(identity, target);
    const state = this.#messages.get(mark);
    if (state === undefined) {
      if (!isForgotten && isByAuthor(action)) this.#keep(identity.toHex(), action);
      return undefined;
    }
    const applied = applyToMessage(state, action);
    if (applied === undefined) return undefined;
    this.#messages.set(mark, applied.state);
    return applied.change && { ...applied.change, target, by };
  }

  /** Applies the actions that have waited for a message, which has just come. */
  applyKept(identity: Uint8Array, message: MessageRef): ActionChange[] {
    const kept = this.#kept.get(identity.toHex()) ?? [];
    const due = kept.filter((each) => isOn(each, message));
    if (due.length === 0) return [];
    this.#kept.set(identity.toHex(), kept.filter((each) => !due.includes(each)));
    return due.flatMap((action) => this.apply(identity, action, true) ?? []);
  }

  /** The peer has seen the user's messages up to this one: false if it is unknown, or was seen before. */
  markSeen(identity: Uint8Array, id: string): boolean {
    const key = identity.toHex();
    const marks = [...this.#messages.keys()];
    const place = (id: string | undefined) =>
      id === undefined ? -1 : marks.indexOf(markOf(identity, { id, direction: "outgoing" }));
    if (place(id) <= place(this.#seen.get(key))) return false;
    this.#seen.set(key, id);
    return true;
  }

  /** A peer has a new key: everything of the old one is that of the new one. */
  rotate(oldKey: Uint8Array, newKey: Uint8Array): void {
    const [before, after] = [oldKey.toHex(), newKey.toHex()];
    for (const [mark, state] of [...this.#messages]) {
      this.#messages.delete(mark);
      this.#messages.set(mark.replace(before, after), state);
    }
    for (const map of [this.#kept, this.#seen] as Map<string, unknown>[]) {
      if (map.has(before)) map.set(after, map.get(before));
      map.delete(before);
    }
  }

  #keep(key: string, action: MessageAction): void {
    const kept = this.#kept.get(key) ?? [];
    if (kept.some(({ id, by }) => id === action.id && by === action.by)) return;
    this.#kept.set(key, [...kept, action].slice(-MAX_KEPT_PER_KEY));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEYS_WITH_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** Whether an action is by the author of its message. */
export function isByAuthor({ by, target }: Pick<MessageAction, "by" | "target">): boolean {
  return (by === "me") === (target.direction === "outgoing");
}

/** Whether an action may be done: only its author may edit or delete a message. */
export function isAllowed(action: MessageAction): boolean {
  return action.type === "react" || action.type === "unreact" || isByAuthor(action);
}

function isOn({ target }: MessageAction, { id, direction }: MessageRef): boolean {
  return target.id === id && target.direction === direction;
}

function markOf(identity: Uint8Array, { id, direction }: MessageRef): string {
  return `${direction} ${identity.toHex()} ${id}`;
}
