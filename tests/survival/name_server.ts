/**
 * A name server on this machine for one name: SRV records that lead to it, in a circle too, and its
 * address. Prints each question.
 */
import dgram from "node:dgram";
// @ts-types="./dns_packet.d.ts"
import packet, { type Answer } from "dns-packet";

const [target = ""] = Deno.args;
const domain = target.slice(target.indexOf(".") + 1);
const service = `_mim._tcp.${domain}`;
const socket = dgram.createSocket("udp4");
socket.on("message", (bytes, { address, port }) => {
  const { id, questions } = packet.decode(bytes);
  const answers = questions.flatMap(({ name, type }): Answer[] => {
    console.log(`${type} ${name}`);
    const record = { name, type, ttl: 60 };
    if (name === service && type === "SRV") {
      const data = { port: 4555, priority: 1, weight: 0 };
      return [
        { ...record, data: { ...data, target } },
        { ...record, data: { ...data, port: 4556, priority: 2, target: service } },
      ];
    }
    return name === target && type === "A" ? [{ ...record, data: "10.77.0.1" }] : [];
  });
  const flags = answers.length === 0 ? 3 : 0; // NXDOMAIN
  socket.send(packet.encode({ type: "response", id, flags, questions, answers }), port, address);
});
socket.bind(53, "127.0.0.53", () => console.log("ready"));
