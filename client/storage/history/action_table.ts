import type { DatabaseSync } from "node:sqlite";
import {
  type ActionChange,
  type ActionStamp,
  applyToMessage,
  isAllowed,
  isByAuthor,
  type MessageAction,
  type MessageState,
  type MessageVersion,
} from "../../core/mod.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import { Statements } from "../../../server/platform/storage/statements.ts";
import { fullTextOf } from "./full_text.ts";

/** How many texts of a message are kept. */
const MAX_VERSIONS = 32;
/** How many actions are kept for messages that are not here: of one key, and of all. */
const MAX_KEPT_PER_KEY = 256;
const MAX_KEPT = 10_000;
/** How many messages' changes are remembered until they are asked for. */
const MAX_CHANGED = 1_000;

/** An action, and the marks by which the history knows it and its message. */
export interface NewAction extends MessageAction {
  /** Of the message. */
  readonly mark: string;
  /** The peer's name. */
  readonly peer: string;
  /** The key of the peer, or of a room's member, in hex. */
  readonly key: string;
  /** The author of a reaction, if that is neither the user nor the peer. */
  readonly who?: string;
}

/** A stored message as actions have changed it, without its text. */
export interface StoredState {
  readonly edit?: ActionStamp;
  readonly deleted?: ActionStamp;
  readonly reactions?: MessageState["reactions"];
}

/** Actions on stored messages. The caller opens transactions. */
export class ActionTable {
  readonly #prepare: Statements["prepare"];
  /** By mark: what was kept for a message, and has been applied as it came. */
  readonly #applied = new Map<string, ActionChange[]>();

  constructor(db: DatabaseSync) {
    this.#prepare = new Statements(db).prepare;
  }

  /**
   * Applies an action, or keeps it if its author's message is not here.
   *
   * @param isForgotten whether that message was here before
   */
  apply(action: NewAction, isForgotten: boolean): ActionChange | undefined {
    if (!isAllowed(action)) return undefined;
    const find = this.#prepare("SELECT id, at, text, state FROM message WHERE mark = ?");
    const row = find.get(action.mark);
    if (row === undefined) {
      if (!isForgotten && isByAuthor(action)) this.#keep(action);
      return undefined;
    }
    const before = String(row.text);
    const state: MessageState = { text: before, reactions: [], ...stateOf(row.state) };
    const body = storable(action.body);
    const applied = applyToMessage(state, { ...action, body, by: action.who ?? action.by });
    if (applied === undefined) return undefined;
    const [message, at] = [Number(row.id), Number(row.at)];
    const { text, ...rest } = applied.state;
    if (action.type === "edit" || action.type === "delete") {
      this.#addVersion(message, { time: at, id: "", text: before });
    }
    if (applied.version !== undefined) this.#addVersion(message, applied.version);
    if (text !== before) this.#index(message, before, text);
    this.#prepare("UPDATE message SET text = ?, state = ? WHERE id = ?")
      .run(text, JSON.stringify(rest), message);
    const { target, by } = action;
    return applied.change && { ...applied.change, target, by };
  }

  /** A message has been added: applies what was kept for it. */
  applyKept(mark: string): void {
    const rows = this.#prepare("SELECT record FROM kept_action WHERE mark = ? ORDER BY id").all(
      mark,
    );
    if (rows.length === 0) return;
    this.#prepare("DELETE FROM kept_action WHERE mark = ?").run(mark);
    const changes = rows.flatMap(({ record }) =>
      this.apply(JSON.parse(String(record)) as NewAction, true) ?? []
    );
    if (changes.length === 0) return;
    this.#applied.set(mark, changes);
    const [oldest] = this.#applied.keys();
    if (this.#applied.size > MAX_CHANGED && oldest !== undefined) this.#applied.delete(oldest);
  }

  /** The changes of a message by {@linkcode ActionTable.applyKept}; only the first time. */
  takeApplied(mark: string): ActionChange[] {
    const changes = this.#applied.get(mark) ?? [];
    this.#applied.delete(mark);
    return changes;
  }

  /** The texts that a message has had, the oldest first. */
  versions(message: number): MessageVersion[] {
    const sql = "SELECT at, action, text FROM version WHERE message = ? ORDER BY at, action";
    return this.#prepare(sql).all(message).map(({ at, action, text }) => ({
      time: Number(at),
      id: String(action),
      text: String(text),
    }));
  }

  /** The peer has seen the messages up to this one; false if it is unknown, or no news. */
  markSeen(mark: string): boolean {
    const row = this.#prepare("SELECT id, peer FROM message WHERE mark = ?").get(mark);
    if (row === undefined) return false;
    const { changes } = this.#prepare(
      "INSERT INTO seen_message (peer, message) VALUES (?, ?) ON CONFLICT (peer) DO UPDATE " +
        "SET message = excluded.message WHERE excluded.message > message",
    ).run(row.peer ?? "", row.id ?? 0);
    return changes > 0;
  }

  /** Messages from and to one key count as those of another; keys are in hex. */
  rotate(oldKey: string, newKey: string): void {
    for (const sign of ["", ">"]) {
      this.#prepare(
        "UPDATE OR IGNORE message SET mark = ? || substr(mark, ?) WHERE mark >= ? AND mark < ?",
      ).run(sign + newKey, sign.length + oldKey.length + 1, sign + oldKey, `${sign}${oldKey}g`);
    }
    this.#prepare("DELETE FROM kept_action WHERE key = ?").run(oldKey);
  }

  /** Deletes what was kept for messages of that peer. */
  forget(peer: string): void {
    this.#prepare("DELETE FROM kept_action WHERE peer = ?").run(storable(peer));
  }

  #keep(action: NewAction): void {
    const { mark, peer, key, id } = action;
    this.#prepare(
      "INSERT OR IGNORE INTO kept_action (mark, peer, key, action, record) VALUES (?, ?, ?, ?, ?)",
    ).run(mark, storable(peer), key, `${action.by} ${id}`, JSON.stringify(action));
    this.#prepare(
      "DELETE FROM kept_action WHERE id IN " +
        "(SELECT id FROM kept_action WHERE key = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
    ).run(key, MAX_KEPT_PER_KEY);
    this.#prepare(
      "DELETE FROM kept_action WHERE id <= (SELECT max(id) FROM kept_action) - ?",
    ).run(MAX_KEPT);
  }

  #addVersion(message: number, { time, id, text }: MessageVersion): void {
    const has = this.#prepare("SELECT 1 FROM version WHERE message = ? LIMIT 1").get(message);
    if (id === "" && has !== undefined) return; // the first text is there, or was
    this.#prepare("INSERT OR IGNORE INTO version (message, at, action, text) VALUES (?, ?, ?, ?)")
      .run(message, time, id, text);
    this.#prepare(
      "DELETE FROM version WHERE id IN (SELECT id FROM version WHERE message = ? " +
        "ORDER BY at DESC, action DESC LIMIT -1 OFFSET ?)",
    ).run(message, MAX_VERSIONS);
  }

  /** The index has the text that holds: a deleted one is not found. */
  #index(message: number, before: string, after: string): void {
    this.#prepare("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)")
      .run(message, fullTextOf(before));
    this.#prepare("INSERT INTO words (rowid, text) VALUES (?, ?)").run(message, fullTextOf(after));
  }
}

/** A state as it is stored; none if it is damaged. */
export function stateOf(stored: unknown): StoredState {
  if (typeof stored !== "string") return {};
  try {
    return JSON.parse(stored) as StoredState;
  } catch {
    return {};
  }
}
