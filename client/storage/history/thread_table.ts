import type { DatabaseSync } from "node:sqlite";
import { storable } from "../../../server/platform/storage/storable.ts";
import { Statements } from "../../../server/platform/storage/statements.ts";

/** The status of the thread with a peer, besides its messages; absent fields stay as they are. */
export interface ThreadStatus {
  /** The peer's name. */
  readonly thread: string;
  /** How many of the newest received messages the user has not read. */
  readonly unread?: number;
  /** A text that the user has begun to write; empty for none. */
  readonly draft?: string;
  /** Whether its messages make no sound and no notification. */
  readonly muted?: boolean;
  /** The user's own name for the peer; empty for none. */
  readonly alias?: string;
  /** The user's own note about the peer; empty for none. */
  readonly note?: string;
  /** When the peer was online last, in milliseconds since 1970; 0 if that is not known. */
  readonly lastSeen?: number;
  /** A name that the peer has or had beside that of the thread. */
  readonly otherName?: string;
}

/** The status of a thread, and the id of its last message; undefined if there is none. */
export interface ListedThread extends Required<Omit<ThreadStatus, "otherName">> {
  readonly lastId: number | undefined;
  /** The id of the newest message that the peer has seen; 0 for none. */
  readonly seenId: number;
}

/** Each step finds the next peer in the index: reading all messages would take too long. */
const PEERS = `
WITH RECURSIVE peers (name) AS (
  SELECT min(peer) FROM message
  UNION ALL
  SELECT (SELECT min(peer) FROM message WHERE peer > name) FROM peers WHERE name IS NOT NULL
)`;
const NAMES = `${PEERS}
SELECT name, (SELECT max(id) FROM message WHERE message.peer = name) AS last
FROM peers WHERE name IS NOT NULL ORDER BY last DESC LIMIT ?`;
const THREADS = `
${PEERS}, named (name) AS (
  SELECT name FROM peers WHERE name IS NOT NULL
  UNION SELECT peer FROM thread WHERE draft <> '' OR alias <> '' OR note <> '' OR muted = 1
)
SELECT name AS thread, read, draft, muted, alias, note, seen,
  (SELECT id FROM message WHERE message.peer = name ORDER BY id DESC LIMIT 1) AS last,
  (SELECT message FROM seen_message WHERE seen_message.peer = name) AS seen_id
FROM named LEFT JOIN thread ON thread.peer = name ORDER BY last DESC LIMIT ?`;
const UNREAD = `
SELECT count(*) AS count FROM
  (SELECT 1 FROM message WHERE peer = ? AND id > ? AND kind = 0 LIMIT 1000)`;
const READ_UP_TO = `
SELECT id FROM message WHERE peer = ? AND kind = 0 ORDER BY id DESC LIMIT 1 OFFSET ?`;

/** The user's own name and note for a peer, and when the peer was seen. */
export interface ThreadFacts
  extends Required<Pick<ThreadStatus, "thread" | "alias" | "note" | "lastSeen">> {
  /** Further names that the peer has or had, the newest first. */
  readonly otherNames: readonly string[];
}

/** People choose their names: of those of one peer, the newest are remembered. */
const MAX_OTHER_NAMES = 16;

/** The status of each thread. The caller opens transactions. */
export class ThreadTable {
  readonly #prepare: Statements["prepare"];

  constructor(db: DatabaseSync) {
    this.#prepare = new Statements(db).prepare;
  }

  /** The threads with the newest messages, newest first, and those with a draft. */
  list(most: number): ListedThread[] {
    return this.#prepare(THREADS).all(most).map((row) => {
      const { thread, read, draft, muted, alias, note, seen, seen_id, last } = row;
      const name = String(thread);
      const unread = this.#prepare(UNREAD).get(name, Number(read ?? 0));
      return {
        ...{ thread: name, unread: Number(unread?.count) },
        ...{ draft: String(draft ?? ""), muted: Number(muted) === 1 },
        ...{ alias: String(alias ?? ""), note: String(note ?? "") },
        lastSeen: Number(seen ?? 0),
        seenId: Number(seen_id ?? 0),
        lastId: last === null ? undefined : Number(last),
      };
    });
  }

  /** The names of the threads with the newest messages, newest first. */
  names(most: number): string[] {
    return this.#prepare(NAMES).all(most).map(({ name }) => String(name));
  }

  /** The names of those without a key at a server, the newest first. */
  keylessNames(server: string, most: number): string[] {
    const sql = "SELECT peer FROM message WHERE server = ? AND mark IS NULL " +
      "GROUP BY peer ORDER BY max(id) DESC LIMIT ?";
    return this.#prepare(sql).all(server, most).map(({ peer }) => String(peer));
  }

  /** All threads of which something is known besides their messages. */
  facts(): ThreadFacts[] {
    const sql = "SELECT peer, alias, note, seen, names FROM thread " +
      "WHERE alias <> '' OR note <> '' OR seen > 0 OR names <> '[]'";
    return this.#prepare(sql).all().map(({ peer, alias, note, seen, names }) => ({
      ...{ thread: String(peer), alias: String(alias), note: String(note) },
      lastSeen: Number(seen),
      otherNames: namesIn(names),
    }));
  }

  set({ thread, unread, draft, muted, alias, note, lastSeen, otherName }: ThreadStatus): void {
    const peer = storable(thread);
    const values: Record<string, string | number> = {
      ...unread !== undefined && { read: this.#readUpTo(peer, unread) },
      ...draft !== undefined && { draft: storable(draft) },
      ...muted !== undefined && { muted: Number(muted) },
      ...alias !== undefined && { alias: storable(alias) },
      ...note !== undefined && { note: storable(note) },
      ...lastSeen !== undefined && { seen: lastSeen },
      ...otherName !== undefined && { names: this.#namesWith(peer, [storable(otherName)]) },
    };
    for (const [column, value] of Object.entries(values)) {
      this.#prepare(
        `INSERT INTO thread (peer, ${column}) VALUES (?, ?) ` +
          `ON CONFLICT (peer) DO UPDATE SET ${column} = excluded.${column}`,
      ).run(peer, value);
    }
  }

  /** How many messages of a peer came after the last one that is read. */
  unreadOf(name: string): number {
    const peer = storable(name);
    const read = this.#prepare("SELECT read FROM thread WHERE peer = ?").get(peer)?.read;
    return Number(this.#prepare(UNREAD).get(peer, Number(read ?? 0))?.count);
  }

  /** A peer has another name from now on: those of before are remembered. */
  rename(from: string, to: string): void {
    const names = [from, ...this.#namesOf(from)];
    this.#prepare("UPDATE OR IGNORE thread SET peer = ? WHERE peer = ?").run(to, from);
    this.#prepare(
      "INSERT INTO thread (peer, names) VALUES (?, ?) " +
        "ON CONFLICT (peer) DO UPDATE SET names = excluded.names",
    ).run(to, this.#namesWith(to, names));
  }

  forget(name: string): void {
    this.#prepare("DELETE FROM thread WHERE peer = ?").run(storable(name));
    this.#prepare("DELETE FROM seen_message WHERE peer = ?").run(storable(name));
  }

  #namesOf(peer: string): string[] {
    return namesIn(this.#prepare("SELECT names FROM thread WHERE peer = ?").get(peer)?.names);
  }

  /** The other names of a peer with these, as they are stored. */
  #namesWith(peer: string, more: readonly string[]): string {
    const names = new Set([...more, ...this.#namesOf(peer)]);
    names.delete(peer);
    return JSON.stringify([...names].slice(0, MAX_OTHER_NAMES));
  }

  /** The id of the newest received message that is read if so many later ones are not. */
  #readUpTo(peer: string, unread: number): number {
    return Number(this.#prepare(READ_UP_TO).get(peer, unread)?.id ?? 0);
  }
}

/** Other names as they are stored; none if they are damaged. */
function namesIn(stored: unknown): string[] {
  try {
    const names: unknown = JSON.parse(String(stored));
    return Array.isArray(names) ? names.map(String) : [];
  } catch {
    return [];
  }
}
