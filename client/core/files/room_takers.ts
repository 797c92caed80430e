import type { TransferTaker } from "../transfer.ts";

/** How far one member of a room is with what the user offers there. */
export interface RoomTaker {
  state: TransferTaker["state"];
  bytes: number;
  /** Whether one of the member's programs has declined it while another one is served. */
  hasDeclined?: boolean;
}

/** The members of a room that have asked for what the user offers there, by their keys in hex. */
export class RoomTakers {
  readonly #takers = new Map<string, RoomTaker>();

  /** Takes over what is stored. */
  restore(stored: Readonly<Record<string, "done" | "declined">>): void {
    for (const [key, state] of Object.entries(stored)) this.#takers.set(key, { state, bytes: 0 });
  }

  of(key: string): RoomTaker {
    return this.#takers.getOrInsertComputed(key, () => ({ state: "offered", bytes: 0 }));
  }

  /** How far a member is; undefined if it has not asked. */
  get(key: string): RoomTaker | undefined {
    return this.#takers.get(key);
  }

  /** Forgets the progress of those who are no members any more, unless they are done. */
  keepMembers(members: ReadonlySet<string>): void {
    for (const [key, { state }] of this.#takers) {
      if (!members.has(key) && state !== "done") this.#takers.delete(key);
    }
  }

  /** How many bytes the one has that is the farthest of those under way. */
  get mostBytes(): number {
    const active = [...this.#takers.values()].filter(({ state }) => state === "active");
    return Math.max(0, ...active.map(({ bytes }) => bytes));
  }

  /** The state of the whole, if these are the members. */
  stateFor(members: readonly string[]): "offered" | "waiting" | "active" | "done" {
    const states = members.map((key) => this.#takers.get(key)?.state ?? "offered");
    if (states.includes("active")) return "active";
    if (states.includes("waiting")) return "waiting";
    const isDone = states.includes("done") &&
      states.every((state) => state === "done" || state === "declined");
    return isDone ? "done" : "offered";
  }

  /** Their ends as they are stored. */
  get record(): Record<string, "done" | "declined"> {
    return Object.fromEntries(
      [...this.#takers].flatMap(([key, { state }]) =>
        state === "done" || state === "declined" ? [[key, state]] : []
      ),
    );
  }
}
