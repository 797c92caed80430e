import { deadline } from "@std/async/deadline";
import { type Emit, findRoom } from "../app/mod.ts";
import { ClientError, type Messenger, type Room, type RoomMessage } from "../core/mod.ts";
import type { DeliveryLimits } from "./delivery.ts";

/** How many messages may be on their way to a room. */
const MAX_IN_FLIGHT = 64;

/** The texts to one room: each is delivered once a member has it, who passes it on. */
export class RoomDelivery {
  readonly #messenger: Messenger;
  readonly #name: string;
  readonly #limits: DeliveryLimits;
  readonly #emit: Emit;
  readonly #inFlight = new Set<RoomMessage>();
  #room: Room | undefined;

  /**
   * @param name `#` and the room's name, with a tag if several have it
   * @param emit gets what was sent
   */
  constructor(messenger: Messenger, name: string, limits: DeliveryLimits, emit: Emit) {
    this.#messenger = messenger;
    this.#name = name;
    this.#limits = limits;
    this.#emit = emit;
  }

  /** @throws {ClientError} `not-online` if the user is in no such room, or nobody else is in the lobby */
  async begin(): Promise<void> {
    const room = await joinedRoom(this.#messenger, this.#name);
    const isLobby = await joinLobby(this.#messenger, room);
    if (isLobby && room.members.length < 2) {
      throw noRoomError(room.label, "Nobody else is in #lobby");
    }
    this.#room = room;
  }

  /** @throws {ClientError} `room-failed`, `storage-failed`, `send-failed` */
  async send(text: string): Promise<void> {
    if (this.#room === undefined) throw new Error("expected to have begun");
    const message = await this.#room.send(text);
    this.#emit({ type: "room-sent", room: this.#room, message });
    if (this.#limits.queues) return; // any later run hands it over
    this.#inFlight.add(message);
    void message.delivered.then(() => this.#inFlight.delete(message));
    if (this.#inFlight.size >= MAX_IN_FLIGHT) await this.#delivered(message);
  }

  /** @throws {ClientError} `send-failed` if no member has taken something in time */
  async finish(): Promise<void> {
    for (const message of this.#inFlight) await this.#delivered(message);
  }

  async #delivered({ delivered }: RoomMessage): Promise<void> {
    const { timeoutMs, endsAt } = this.#limits;
    const leftMs = endsAt === undefined ? timeoutMs : endsAt - performance.now();
    try {
      await deadline(delivered, Math.max(0, Math.min(timeoutMs, leftMs)));
    } catch {
      const count = this.#inFlight.size;
      throw new ClientError("send-failed", {
        reason: "not-acknowledged",
        name: this.#name,
        count,
        isRoom: true,
      });
    }
  }
}

/**
 * The room of that name of which the user is a member, or the lobby.
 *
 * @throws {ClientError} `not-online` if there is none, or more than one
 */
export async function joinedRoom({ rooms }: Messenger, name: string): Promise<Room> {
  await rooms.ready;
  const named = rooms.named(name);
  if (named.length === 0) {
    throw noRoomError(name, `There is no room ${name} here: start MIM, and /room new makes one`);
  }
  let room: Room;
  try {
    room = findRoom({ rooms }, name);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw noRoomError(name, error.message);
  }
  if (room.state === "joined" || room === rooms.lobby) return room;
  const how = room.state === "invited" ? `: start MIM, and /join ${room.label} there` : "";
  throw noRoomError(name, `You are no member of ${room.label}${how}`);
}

/**
 * Joins the lobby, if that is the room: each program is in it for itself, as long as it runs. Only after
 * the login.
 *
 * @returns whether it is the lobby
 * @throws {ClientError} `room-failed` if the server has none
 */
export async function joinLobby({ rooms }: Messenger, room: Room): Promise<boolean> {
  if (room !== rooms.lobby) return false;
  await room.join();
  return true;
}

function noRoomError(name: string, message: string): ClientError {
  return new ClientError("not-online", { reason: "offline", name }, { message });
}
