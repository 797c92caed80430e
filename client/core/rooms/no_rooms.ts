import { ClientError } from "../errors.ts";
import type { Room, Rooms } from "../room.ts";

/** The rooms of a client without a key: it has none. */
export class NoRooms implements Rooms {
  readonly all: readonly Room[] = [];
  readonly lobby = undefined;
  readonly ready: Promise<void> = Promise.resolve();

  [Symbol.iterator](): Iterator<Room> {
    return this.all[Symbol.iterator]();
  }

  get(_id: string): undefined {
    return undefined;
  }

  named(_name: string): Room[] {
    return [];
  }

  create(_name: string): Promise<Room> {
    return Promise.reject(new ClientError("room-failed", { reason: "no-identity" }));
  }
}
