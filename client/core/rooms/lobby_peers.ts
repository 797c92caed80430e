import { hasCapability } from "../../../protocol/mod.ts";
import type { EventBus } from "../event_bus.ts";
import type { OnlineUser } from "../online_user.ts";
import type { Room } from "../room.ts";
import type { Signaling } from "../signaling.ts";
import { keyInTable } from "../trust/mod.ts";
import { neighbors } from "./peers_to_link.ts";

/** After that time, others are drawn to link with in the lobby. */
const LOBBY_LINK_MS = 60 * 60_000;

/** How soon somebody who comes or goes is told: many may do so at once. */
const CHANGE_DELAY_MS = 1_000;

interface LobbyPeersParts {
  readonly signaling: Pick<Signaling, "users">;
  readonly events: EventBus;
}

/** The peers with whom there are links, or are to be, since both are in the lobby; keys are in hex. */
export class LobbyPeers {
  readonly #signaling: Pick<Signaling, "users">;
  readonly #own: string;
  readonly #linked = new Set<string>();
  readonly #lobby: { readonly state: Room["state"]; onPeople(): void };
  /** All others in the lobby as it has learned of them. */
  #told: ReadonlySet<string> = new Set();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param own the user's own key
   * @param lobby learns of those who come and go
   */
  constructor(
    { signaling, events }: LobbyPeersParts,
    own: string,
    lobby: { readonly state: Room["state"]; onPeople(): void },
  ) {
    this.#signaling = signaling;
    this.#own = own;
    this.#lobby = lobby;
    events.on("user-reachable", ({ user }) => this.#look(user));
    events.on("offline", ({ user }) => this.#look(user));
  }

  /** The keys of all others who are in the lobby, as the table says. */
  get all(): string[] {
    const keys = [...this.#signaling.users].flatMap((user) =>
      isInLobby(user) ? keyInTable(user)?.toHex() ?? [] : []
    );
    return [...new Set(keys)].filter((key) => key !== this.#own);
  }

  has(key: string): boolean {
    return this.#linked.has(key);
  }

  add(key: string): void {
    this.#linked.add(key);
  }

  clear(): void {
    this.#linked.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Draws some to link with: the same ones for an hour. */
  draw(time: number): string[] {
    const drawn = neighbors(this.all, this.#own, Math.floor(time / LOBBY_LINK_MS));
    for (const key of drawn) this.#linked.add(key);
    return drawn;
  }

  /** Looks in a moment who is in the lobby now, if this user is or was. */
  #look(user: OnlineUser): void {
    if (this.#lobby.state !== "joined") return;
    const isOrWas = isInLobby(user) || this.#told.has(keyInTable(user)?.toHex() ?? "");
    if (!isOrWas) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const now = new Set(this.all);
      if (now.symmetricDifference(this.#told).size === 0) return;
      this.#told = now;
      this.#lobby.onPeople();
    }, CHANGE_DELAY_MS);
  }
}

/** Whether a user of the table has joined the lobby. */
function isInLobby({ details }: OnlineUser): boolean {
  return hasCapability(details?.capabilities ?? 0, "lobby");
}
