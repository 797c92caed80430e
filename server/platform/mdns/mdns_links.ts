// @ts-types="./multicast_dns.d.ts"
import multicastDns from "multicast-dns";
import { deadline } from "@std/async/deadline";
import type { MulticastDns, Packet, Sender } from "./multicast_dns.d.ts";
import { isLoopback } from "../../../protocol/mod.ts";
import { isVirtual } from "../net/interfaces.ts";

/** How often network cards are looked for that have come or gone. */
const REFRESH_MS = 5_000;
/** How long a card has to send what is sent at last. */
const LAST_WORD_TIMEOUT_MS = 500;
const MULTICAST_IPV6 = "ff02::fb";

/** An address of a network card, with the network that it is in. */
export interface LinkAddress {
  /** The system's name for the card. */
  readonly name: string;
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
  /** The network, such as `192.0.2.0/24`. */
  readonly cidr: string;
}

/** One network card, and the socket that sends and receives multicast DNS there. */
export interface MdnsLink {
  /** The name of the card. */
  readonly name: string;
  /** This machine's addresses on it. */
  readonly addresses: readonly LinkAddress[];
  /** Asks everybody on it. */
  query(packet: Partial<Packet>): void;
  /** Answers everybody on it, or one old-fashioned asker. */
  respond(packet: Partial<Packet>, to?: Sender): void;
}

/** Receives what comes in. */
export interface MdnsHandlers {
  onQuery?(packet: Packet, link: MdnsLink, sender: Sender): void;
  onResponse?(packet: Packet, link: MdnsLink, sender: Sender): void;
  /** A card has come, or has other addresses than it had before. */
  onLink?(link: MdnsLink, before?: MdnsLink): void;
  /** Returns what is sent at last on a card that is of no use any more; undefined to send nothing. */
  onLeave?(link: MdnsLink): Partial<Packet> | undefined;
}

interface OpenLink extends MdnsLink {
  readonly socket: MulticastDns;
  readonly key: string;
}

/** Multicast DNS on each network card, as cards come and go: one socket for a card, IPv4 or else IPv6. */
export class MdnsLinks {
  readonly #handlers: MdnsHandlers;
  readonly #addresses: () => readonly LinkAddress[];
  readonly #links = new Map<string, OpenLink>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param addresses this machine's */
  constructor(handlers: MdnsHandlers, addresses: () => readonly LinkAddress[] = systemAddresses) {
    this.#handlers = handlers;
    this.#addresses = addresses;
    this.#timer = setInterval(() => this.#refresh(), REFRESH_MS);
    this.#refresh();
  }

  /** The cards that are in use. */
  get all(): readonly MdnsLink[] {
    return [...this.#links.values()];
  }

  /** Asks on every card. */
  query(packet: Partial<Packet>): void {
    for (const link of this.all) link.query(packet);
  }

  /** Sends and receives nothing more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const links = [...this.#links.values()];
    this.#links.clear();
    await Promise.all(links.map((link) => this.#leave(link)));
  }

  async #leave(link: OpenLink): Promise<void> {
    const { promise: sent, resolve } = Promise.withResolvers<void>();
    const lastWord = this.#handlers.onLeave?.(link);
    if (lastWord === undefined) resolve();
    else link.socket.respond(lastWord, undefined, resolve);
    await deadline(sent, LAST_WORD_TIMEOUT_MS).catch(() => {}); // a card may be gone
    await new Promise<void>((closed) => link.socket.destroy(closed));
  }

  #refresh(): void {
    const byCard = Map.groupBy(this.#addresses(), ({ name }) => name);
    for (const [name, link] of this.#links) {
      if (byCard.has(name)) continue;
      this.#links.delete(name);
      void this.#leave(link);
    }
    for (const [name, addresses] of byCard) {
      const before = this.#links.get(name);
      if (before?.key === keyOf(addresses)) continue;
      before?.socket.destroy();
      this.#open(name, addresses, before);
    }
  }

  #open(name: string, addresses: readonly LinkAddress[], before: MdnsLink | undefined): void {
    const ipv4 = addresses.find(({ family }) => family === "IPv4");
    // Bound to an address of its own, a socket receives no multicast.
    const socket = ipv4 === undefined
      ? multicastDns({ type: "udp6", interface: `::%${name}`, bind: "::", ip: MULTICAST_IPV6 })
      : multicastDns({ interface: ipv4.address, bind: "0.0.0.0" });
    const link: OpenLink = {
      name,
      addresses,
      socket,
      key: keyOf(addresses),
      query: (packet) => socket.query(packet),
      respond: (packet, to) => socket.respond(packet, to),
    };
    this.#links.set(name, link);
    const isOpen = () => this.#links.get(name) === link;
    socket.on(
      "query",
      (packet, sender) => isOpen() && this.#handlers.onQuery?.(packet, link, sender),
    );
    socket.on(
      "response",
      (packet, sender) => isOpen() && this.#handlers.onResponse?.(packet, link, sender),
    );
    socket.on("ready", () => isOpen() && this.#handlers.onLink?.(link, before));
    // A card that can't be used, or a packet that is none: others go on.
    socket.on("error", () => this.#forget(link));
    socket.on("warning", () => {});
  }

  #forget(link: OpenLink): void {
    if (this.#links.get(link.name) === link) this.#links.delete(link.name);
    link.socket.destroy();
  }
}

function keyOf(addresses: readonly LinkAddress[]): string {
  return addresses.map(({ cidr }) => cidr).sort().join(" ");
}

/** The addresses of cards that others are on; none without the permission to list them. */
export function systemAddresses(): LinkAddress[] {
  const permission = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" });
  if (permission.state !== "granted") return [];
  return Deno.networkInterfaces()
    .filter(({ name, address }) => !isLoopback(address) && !isVirtual(name));
}
