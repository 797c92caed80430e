/** Answers every question for servers with a thousand false ones, and with what is none. */
import { Buffer } from "node:buffer";
import { MdnsLinks } from "../../server/platform/mdns/mdns_links.ts";
import type { Answer } from "../../server/platform/mdns/multicast_dns.d.ts";
import { SERVICE } from "../../server/platform/mdns/service_records.ts";

const packets: Answer[][] = [];
for (let at = 0; at < 1_000; at++) {
  const instance = `server ${at}.${SERVICE}`;
  const host = `host-${at}.local`;
  const [port, address] = at % 2 === 0 ? [4242, "10.77.0.66"] : [22, "127.0.0.1"];
  const title = `t=\x1b[2J${at}\u202e${"x".repeat(200)}`;
  packets.push([
    { name: SERVICE, type: "PTR", ttl: 120, data: instance },
    { name: instance, type: "SRV", ttl: 120, data: { port: Number(port), target: host } },
    { name: instance, type: "TXT", ttl: 120, data: [title, "k=AAAA", "=", ""] },
    { name: host, type: "A", ttl: 120, data: String(address) },
    { name: host, type: "A", ttl: 120, data: "192.168.1.1" },
    { name: host, type: "AAAA", ttl: 120, data: "::1" },
  ]);
}
/** Titles that are no text, names in their place, places in a circle, and names outside of the service. */
const control = `\x1b[2J\u202e\r\n\t\0`;
const odd: readonly (readonly [instance: string, target: string, text: (string | Uint8Array)[]])[] =
  [
    [`${control}.${SERVICE}`, "host-0.local", ["t="]],
    [`\u200b.${SERVICE}`, "host-0.local", []],
    [`bytes.${SERVICE}`, "host-0.local", [Buffer.from([0x74, 0x3d, 0xff, 0xfe, 0x80])]],
    [`circle.${SERVICE}`, `circle.${SERVICE}`, ["t=circle"]],
    [`there.${SERVICE}`, `back.${SERVICE}`, ["t=there"]],
    [`back.${SERVICE}`, `there.${SERVICE}`, ["t=back"]],
    [SERVICE, SERVICE, ["t=itself"]],
    ["elsewhere.example", "host-0.local", ["t=elsewhere"]],
    [`nowhere.${SERVICE}`, ".", ["t=nowhere"]],
  ];
for (const [instance, target, text] of odd) {
  packets.unshift([
    { name: SERVICE, type: "PTR", ttl: 120, data: instance },
    { name: instance, type: "SRV", ttl: 120, data: { port: 4242, target } },
    { name: instance, type: "TXT", ttl: 120, data: text },
    { name: "host-0.local", type: "A", ttl: 120, data: "10.77.0.66" },
  ]);
}
new MdnsLinks({
  onLink: () => console.log("ready"),
  onQuery: (_, link) => {
    for (const answers of packets) link.respond({ answers });
  },
});
