/** Announces a server at an address under a key that is another one's, and takes whoever comes. */
import { MdnsLinks } from "../../server/platform/mdns/mdns_links.ts";
import { hostRecords, serviceRecords } from "../../server/platform/mdns/service_records.ts";
import { MimServer } from "../../server/mod.ts";

const [address = "", key = "", hosted] = Deno.args;
const data = Deno.makeTempDirSync();
const server = MimServer.listen({ port: 4999, data });
const announced = {
  title: "A false lab",
  key: Uint8Array.fromBase64(key, { alphabet: "base64url" }),
  port: server.port,
  isHosted: hosted !== undefined,
};
const records = [
  ...serviceRecords(announced, "A false lab._mim._tcp.local", "false.local"),
  ...hostRecords("false.local", [{ family: "IPv4", address }]),
];
new MdnsLinks({
  onLink: () => console.log("ready"),
  // Before anybody else has answered.
  onQuery: (_, link) => link.respond({ answers: records }),
});
