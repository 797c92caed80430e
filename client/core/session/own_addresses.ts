import { plainAddress } from "../../../protocol/mod.ts";
import type { Network } from "../../../server/platform/net/network.ts";
import type { Components } from "../components.ts";
import { announcedAddresses, withoutScope } from "./announced_addresses.ts";
import type { ServerConnection } from "./server_connection.ts";

/** How often this machine's addresses are looked up. */
const TICK_MS = 2_000;
/** How long the own addresses have to stay the same before new ones are announced. */
const SETTLE_MS = 5_000;

interface OwnAddressesHandlers {
  /** Addresses of this machine have come or gone. Has those that have gone, without their interfaces. */
  onChange(gone: ReadonlySet<string>): void;
  /** They have not changed for a while. */
  onSettled(): void;
}

/** This machine's addresses: which ones to announce to a server, and whether these are still right. */
export class OwnAddresses {
  readonly #components: Pick<Components, "network" | "ownListener">;
  readonly #handlers: OwnAddressesHandlers;
  #stopWatching: (() => void) | undefined;
  #settleTimer: ReturnType<typeof setTimeout> | undefined;
  /** The further addresses that the last login has announced. */
  #announced: readonly string[] = [];

  constructor(
    components: Pick<Components, "network" | "ownListener">,
    handlers: OwnAddressesHandlers,
  ) {
    this.#components = components;
    this.#handlers = handlers;
  }

  /** Watches them from now on, unless it does already. */
  watch(): void {
    this.#stopWatching ??= watchOwnAddresses(this.#components.network, (gone) => {
      this.#handlers.onChange(gone);
      clearTimeout(this.#settleTimer);
      this.#settleTimer = setTimeout(() => this.#handlers.onSettled(), SETTLE_MS);
    });
  }

  stop(): void {
    clearTimeout(this.#settleTimer);
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  /** The further addresses for a login at that server. */
  announceAt(connection: ServerConnection): readonly string[] {
    this.#announced = this.#furtherAddresses(connection);
    return this.#announced;
  }

  /** Whether there is one that the last login has not announced. */
  hasUnannounced(connection: ServerConnection): boolean {
    const known = new Set(this.#announced);
    return this.#furtherAddresses(connection).some((address) => !known.has(address));
  }

  #furtherAddresses({ ownAddress, address }: ServerConnection): string[] {
    const { network, ownListener } = this.#components;
    const ends = { own: ownAddress, server: address };
    return announcedAddresses(network.interfaces?.() ?? [], ownListener.hostname, ends);
  }
}

/**
 * Calls back, until the returned function is called, when addresses of this machine have come or gone.
 * Does nothing if they can't be looked up.
 *
 * @param onChange has the addresses that have gone, without their interfaces
 */
function watchOwnAddresses(
  network: Network,
  onChange: (gone: ReadonlySet<string>) => void,
): () => void {
  let before = ownAddresses(network);
  if (before.size === 0) return () => {};
  let timer = setTimeout(check, TICK_MS);
  function check(): void {
    timer = setTimeout(check, TICK_MS);
    const now = ownAddresses(network);
    if (now.size === 0) return; // not even loopback: they could not be looked up
    const gone = before.difference(now);
    const hasChanged = gone.size > 0 || now.size > before.size;
    before = now;
    if (hasChanged) onChange(gone);
  }
  return () => clearTimeout(timer);
}

/** An address of this machine as sockets name it: without its interface, IPv4 as IPv4. */
export function plainOwnAddress(address: string): string {
  return plainAddress(withoutScope(address));
}

function ownAddresses(network: Network): ReadonlySet<string> {
  const interfaces = network.interfaces?.() ?? [];
  return new Set(interfaces.map(({ address }) => plainOwnAddress(address)));
}
