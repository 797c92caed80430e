import { delay } from "@std/async/delay";
import { type MdnsLink, MdnsLinks, systemAddresses } from "../platform/mdns/mdns_links.ts";
import type { Answer, Packet, Sender } from "../platform/mdns/multicast_dns.d.ts";
import {
  type AnnouncedServer,
  hostRecords,
  instanceName,
  isSameName,
  SERVICE,
  SERVICE_TYPE_RECORD,
  SERVICE_TYPES,
  serviceRecords,
} from "../platform/mdns/service_records.ts";

/** Questions before a name is taken, and the pause between two of them (RFC 6762, section 8.1). */
const PROBES = 3;
const PROBE_INTERVAL_MS = 250;
/** How many servers of one title are told apart. */
const MAX_NAMESAKES = 100;
const MDNS_PORT = 5353;

/** Tells the local networks of a server, until it is closed: by multicast DNS, as `_mim._tcp`. */
export class Announcer {
  readonly #server: AnnouncedServer;
  readonly #host = `mim-${crypto.getRandomValues(new Uint8Array(4)).toHex()}.local`;
  readonly #links: MdnsLinks;
  readonly #closing = new AbortController();
  #count = 1;
  /** Whether the name is this server's own: until then nothing is answered. */
  #isTaken = false;

  /**
   * Begins to announce a server; whether anybody hears it is never known.
   *
   * @param hostname the address at which it listens; `::` and `0.0.0.0` mean every one
   */
  constructor(server: AnnouncedServer, hostname: string) {
    this.#server = server;
    const isEvery = hostname === "::" || hostname === "0.0.0.0";
    this.#links = new MdnsLinks(
      {
        onQuery: (packet, link, sender) => this.#answer(packet, link, sender),
        onResponse: (packet) => this.#checkConflict(packet),
        onLink: (link, before) => this.#isTaken && this.#announce(link, before),
        onLeave: (link) => this.#isTaken ? goodbye(this.#recordsOn(link)) : undefined,
      },
      isEvery
        ? systemAddresses
        : () => systemAddresses().filter(({ address }) => address === hostname),
    );
    this.#takeName().catch(() => {}); // closed meanwhile
  }

  /** The name under which it is announced. */
  get name(): string {
    return this.#instance.slice(0, -SERVICE.length - 1);
  }

  /** Says that the server is gone, and sends nothing more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#links.close();
  }

  get #instance(): string {
    return instanceName(this.#server.title, this.#count);
  }

  /** Asks whether anybody has the name; who answers keeps it. */
  async #takeName(): Promise<void> {
    const { signal } = this.#closing;
    for (let probes = 0, count = this.#count; probes < PROBES; probes++) {
      this.#links.query({ questions: [{ name: this.#instance, type: "ANY" }] });
      await delay(PROBE_INTERVAL_MS, { signal });
      if (count === this.#count) continue;
      count = this.#count;
      probes = -1;
    }
    this.#isTaken = true;
    for (const link of this.#links.all) this.#announce(link);
    await delay(4 * PROBE_INTERVAL_MS, { signal });
    for (const link of this.#links.all) this.#announce(link); // the first one may be lost
  }

  /** Leaves a name to whoever has it; of two that took it at once, to the smaller host name. */
  #checkConflict({ answers }: Packet): void {
    const rival = answers.find((answer) =>
      answer.type === "SRV" && isSameName(answer.name, this.#instance) &&
      !isSameName(answer.data.target, this.#host)
    );
    if (rival?.type !== "SRV" || this.#count >= MAX_NAMESAKES) return;
    if (this.#isTaken && rival.data.target.toLowerCase() > this.#host) return;
    this.#count++;
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#takeName().catch(() => {}); // closed meanwhile
  }

  /** @param before the card as it was: addresses that it has no more are taken back */
  #announce(link: MdnsLink, before?: MdnsLink): void {
    const has = new Set(link.addresses.map(({ address }) => address));
    const gone = before?.addresses.filter(({ address }) => !has.has(address)) ?? [];
    if (gone.length > 0) link.respond(goodbye(hostRecords(this.#host, gone)));
    link.respond({ answers: this.#recordsOn(link) });
  }

  #answer({ questions, answers: known }: Packet, link: MdnsLink, sender: Sender): void {
    if (!this.#isTaken) return;
    const isAsked = ({ name, type }: Answer) =>
      questions.some((question) =>
        isSameName(question.name, name) && (question.type === type || question.type === "ANY")
      );
    if (questions.some(({ name }) => isSameName(name, SERVICE_TYPES))) {
      link.respond({ answers: [SERVICE_TYPE_RECORD] });
    }
    const records = this.#recordsOn(link);
    const asked = records.filter(isAsked).filter((record) => !isKnown(record, known));
    if (asked.length === 0) return;
    const additionals = records.filter((record) => !asked.includes(record));
    // Who asks from another port is no multicast DNS program and waits for an answer of its own.
    const to = sender.port === MDNS_PORT ? undefined : sender;
    link.respond({ answers: asked, additionals }, to);
  }

  #recordsOn(link: MdnsLink): Answer[] {
    const records = serviceRecords(this.#server, this.#instance, this.#host);
    return [...records, ...hostRecords(this.#host, link.addresses)];
  }
}

/** Takes records back (RFC 6762, section 10.1). */
function goodbye(records: readonly Answer[]): Partial<Packet> {
  return { answers: records.map((record) => ({ ...record, ttl: 0 })) };
}

/** Whether the asker knows a record, and will for a while (RFC 6762, section 7.1). */
function isKnown(record: Answer, known: readonly Answer[]): boolean {
  return record.type === "PTR" &&
    known.some((each) =>
      each.type === "PTR" && isSameName(each.name, record.name) && each.data === record.data &&
      each.ttl >= record.ttl / 2
    );
}
