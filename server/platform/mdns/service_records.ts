/** The records of a MIM server in DNS-SD (RFC 6763), as they are sent and read by multicast DNS. */

import type { Answer } from "./multicast_dns.d.ts";

/** The type of service, in the domain of multicast DNS. */
export const SERVICE = "_mim._tcp.local";
/** Lists the types of services that there are (RFC 6763, section 9). */
export const SERVICE_TYPES = "_services._dns-sd._udp.local";
/** Times for which records are believed, in seconds (RFC 6762, section 10). */
const HOST_TTL_S = 120;
const SERVICE_TTL_S = 4_500;
const MAX_LABEL_BYTES = 63;
const MAX_TEXT_BYTES = 255;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A server as it is announced. */
export interface AnnouncedServer {
  /** The title; as read, from anybody. */
  readonly title: string;
  /** The server's public key, 32 bytes; undefined for one that speaks classic MIM only. */
  readonly key: Uint8Array | undefined;
  readonly port: number;
  /** Whether a client runs it, for as long as it is open: such servers become one. */
  readonly isHosted?: boolean | undefined;
}

/** The name of a server's records: the title, with a number from the second of that title on. */
export function instanceName(title: string, count = 1): string {
  // The packages that read and write DNS take each dot as the end of a label.
  const label = title.replaceAll(".", "․").replace(/\s+/g, " ").trim() || "MIM";
  const suffix = count === 1 ? "" : ` (${count})`;
  return `${cut(label, MAX_LABEL_BYTES - suffix.length)}${suffix}.${SERVICE}`;
}

/** The records that say where and what a server is. */
export function serviceRecords(
  { title, key, port, isHosted }: AnnouncedServer,
  instance: string,
  host: string,
): Answer[] {
  const text = ["v=2", `t=${cut(title, MAX_TEXT_BYTES - 2)}`];
  if (key !== undefined) text.push(`k=${toBase64Url(key)}`);
  if (isHosted) text.push("h=1");
  return [
    { name: SERVICE, type: "PTR", ttl: SERVICE_TTL_S, data: instance },
    { name: instance, type: "SRV", ttl: HOST_TTL_S, flush: true, data: { port, target: host } },
    {
      name: instance,
      type: "TXT",
      ttl: SERVICE_TTL_S,
      flush: true,
      data: text,
    },
  ];
}

/** The records that say which addresses a host has. */
export function hostRecords(
  host: string,
  addresses: readonly { readonly family: "IPv4" | "IPv6"; readonly address: string }[],
): Answer[] {
  return addresses.map(({ family, address }) => ({
    name: host,
    type: family === "IPv4" ? "A" : "AAAA",
    ttl: HOST_TTL_S,
    flush: true,
    data: address,
  }));
}

/** The record that leads to {@linkcode SERVICE} for programs that list all services. */
export const SERVICE_TYPE_RECORD: Answer = {
  name: SERVICE_TYPES,
  type: "PTR",
  ttl: SERVICE_TTL_S,
  data: SERVICE,
};

/** Title and key in the text of a record; unknown entries are left out. */
export function readServiceText(
  text: readonly (Uint8Array | string)[],
): Pick<AnnouncedServer, "title" | "key" | "isHosted"> {
  const values = new Map<string, string>();
  for (const each of text) {
    const pair = typeof each === "string" ? each : decoder.decode(each);
    const at = pair.indexOf("=");
    if (at > 0 && !values.has(pair.slice(0, at))) values.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return {
    title: values.get("t") ?? "",
    key: readKey(values.get("k")),
    isHosted: values.get("h") === "1",
  };
}

/** Names of DNS are the same in any case. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function readKey(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || !/^[\w-]{43}$/.test(text)) return undefined;
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

function toBase64Url(key: Uint8Array): string {
  return key.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The beginning of a text that takes no more bytes, without half a character. */
function cut(text: string, bytes: number): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(bytes));
  return text.slice(0, read);
}
