import { hasCapability } from "../../../protocol/mod.ts";
import type { Signaling } from "../signaling.ts";
import { keyInTable } from "../trust/mod.ts";
import { neighbors } from "./peers_to_link.ts";

/** After that time, others are drawn to link with in the lobby. */
const LOBBY_LINK_MS = 60 * 60_000;

/** The peers with whom there are links, or are to be, since both are in the lobby; keys are in hex. */
export class LobbyPeers {
  readonly #signaling: Pick<Signaling, "users">;
  readonly #own: string;
  readonly #linked = new Set<string>();

  /** @param own the user's own key */
  constructor(signaling: Pick<Signaling, "users">, own: string) {
    this.#signaling = signaling;
    this.#own = own;
  }

  /** The keys of all others who are in the lobby, as the table says. */
  get all(): string[] {
    const keys = [...this.#signaling.users].flatMap((user) =>
      hasCapability(user.details?.capabilities ?? 0, "lobby") ? keyInTable(user)?.toHex() ?? [] : []
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
  }

  /** Draws some to link with: the same ones for an hour. */
  draw(time: number): string[] {
    const drawn = neighbors(this.all, this.#own, Math.floor(time / LOBBY_LINK_MS));
    for (const key of drawn) this.#linked.add(key);
    return drawn;
  }
}
