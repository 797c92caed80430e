import { isLinkLocal, limits } from "../../../protocol/mod.ts";
import { type MdnsLink, MdnsLinks } from "../../../server/platform/mdns/mdns_links.ts";
import type { Answer, Packet } from "../../../server/platform/mdns/multicast_dns.d.ts";
import {
  isSameName,
  readServiceText,
  SERVICE,
} from "../../../server/platform/mdns/service_records.ts";
import { isInNetwork } from "./network_range.ts";

/** Anybody on the network can announce any number of servers and addresses. */
const MAX_NAMES = 1_024;
/** One of them fills the list for nobody else: a server has four names. */
const MAX_NAMES_PER_SENDER = 64;
/** How many names are asked for. */
const MAX_QUESTIONS = 256;
const MAX_ADDRESSES = 8;
/** When to ask: packets get lost. */
const ASK_AGAIN_MS = 150;
/** How often a long search begins anew: then it finds servers again. */
const START_OVER_MS = 20_000;

/** A server that the network speaks of: a hint, nothing is proven. */
export interface FoundServer {
  /** As sent: not safe to print. */
  readonly title: string;
  /** The announced key, 32 bytes; undefined if there is none. */
  readonly key: Uint8Array | undefined;
  readonly port: number;
  /** Whether it says that a client runs it. */
  readonly isHosted?: boolean | undefined;
  /** IP addresses in the networks of this machine. */
  readonly addresses: readonly string[];
}

/** One search by multicast DNS: puts records together, whichever comes first. */
export class MdnsSearch {
  readonly #onFound: (server: FoundServer) => void;
  readonly #links: MdnsLinks;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #interval: ReturnType<typeof setInterval>;
  readonly #instances = new Set<string>();
  readonly #places = new Map<string, { readonly port: number; readonly target: string }>();
  readonly #texts = new Map<string, ReturnType<typeof readServiceText>>();
  readonly #hosts = new Map<string, Set<string>>();
  readonly #reported = new Set<string>();
  /** How many names each sender has added. */
  readonly #added = new Map<string, number>();
  /** The names that were asked for: once each, so that lies do not make this machine talk. */
  readonly #asked = new Set<string>();

  constructor(onFound: (server: FoundServer) => void) {
    this.#onFound = onFound;
    this.#links = new MdnsLinks({
      onResponse: (packet, link, sender) => this.#read(packet, link, sender.address),
      onLink: (link) => link.query(QUERY),
    });
    this.#timer = setTimeout(() => this.#links.query(QUERY), ASK_AGAIN_MS);
    this.#interval = setInterval(() => this.#startOver(), START_OVER_MS);
  }

  /** Forgets what was heard, so that nothing false stays, and asks anew. */
  #startOver(): void {
    for (const each of [this.#instances, this.#places, this.#texts, this.#hosts]) each.clear();
    for (const each of [this.#reported, this.#asked, this.#added]) each.clear();
    this.#links.query(QUERY);
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    clearInterval(this.#interval);
    return this.#links.close();
  }

  #read({ answers, additionals }: Packet, link: MdnsLink, sender: string): void {
    for (const answer of [...answers, ...additionals]) {
      if (answer.ttl > 0) this.#take(answer, link, sender);
    }
    for (const instance of this.#instances) this.#report(instance, link);
  }

  /** Whether a sender may add a name to the known ones. */
  #mayAdd(
    name: string,
    known: ReadonlyMap<string, unknown> | ReadonlySet<string>,
    sender: string,
  ): boolean {
    if (known.has(name)) return true;
    const added = this.#added.get(sender) ?? 0;
    if (known.size >= MAX_NAMES || added >= MAX_NAMES_PER_SENDER) return false;
    this.#added.set(sender, added + 1);
    return true;
  }

  #take(answer: Answer, link: MdnsLink, sender: string): void {
    const name = answer.name.toLowerCase();
    switch (answer.type) {
      case "PTR":
        if (isSameName(name, SERVICE)) this.#takeInstance(answer.data.toLowerCase(), sender);
        return;
      case "SRV":
        if (isDialable(answer.data.port) && this.#mayAdd(name, this.#places, sender)) {
          this.#places.set(name, answer.data);
        }
        return;
      case "TXT":
        if (this.#mayAdd(name, this.#texts, sender)) {
          this.#texts.set(name, readServiceText([answer.data].flat()));
        }
        return;
      case "A":
      case "AAAA":
        return this.#takeAddress(name, answer.data, link, sender);
    }
  }

  #takeInstance(instance: string, sender: string): void {
    const isOne = instance.endsWith(`.${SERVICE}`);
    if (isOne && this.#mayAdd(instance, this.#instances, sender)) this.#instances.add(instance);
  }

  #takeAddress(host: string, address: string, link: MdnsLink, sender: string): void {
    if (!link.addresses.some(({ cidr }) => isInNetwork(address, cidr))) return;
    const addresses = this.#hosts.get(host) ?? new Set();
    if (addresses.size >= MAX_ADDRESSES || !this.#mayAdd(host, this.#hosts, sender)) return;
    addresses.add(
      isLinkLocal(address) && address.includes(":") ? `${address}%${link.name}` : address,
    );
    this.#hosts.set(host, addresses);
  }

  #ask(link: MdnsLink, name: string): void {
    if (this.#asked.has(name) || this.#asked.size >= MAX_QUESTIONS) return;
    this.#asked.add(name);
    link.query({ questions: [{ name, type: "ANY" }] });
  }

  /** Reports a server once all that belongs to it is known; asks for what is missing. */
  #report(instance: string, link: MdnsLink): void {
    if (this.#reported.has(instance)) return;
    const place = this.#places.get(instance);
    const text = this.#texts.get(instance);
    if (place === undefined || text === undefined) return this.#ask(link, instance);
    const addresses = this.#hosts.get(place.target.toLowerCase());
    if (addresses === undefined) return this.#ask(link, place.target);
    this.#reported.add(instance);
    const name = instance.slice(0, -SERVICE.length - 1);
    this.#onFound({
      ...text,
      title: text.title === "" ? name : text.title,
      port: place.port,
      addresses: [...addresses],
    });
  }
}

const QUERY = { questions: [{ name: SERVICE, type: "PTR" }] };

function isDialable(port: number): boolean {
  return Number.isInteger(port) && port >= limits.firstUserPort && port <= 65_535;
}
