/**
 * What the server is measured against: a central server as most people would write one with sockets
 * that buffer (here Node's, in Deno's rendering). Every client is written every update by itself; the
 * system's sockets do the rest. It is right about the protocol, uses the project's own codec, encodes
 * each update once, and has no limits and no time-outs that could slow it down.
 *
 * Usage: plain_server.ts; listens on 127.0.0.1 at a port that the system picks, and says which.
 *
 * @module
 */

import { createServer, type Socket } from "node:net";
import {
  deleteOfAdd,
  encodeAdd,
  encodeWelcome,
  LoginDecoder,
  plainAddress,
} from "../../protocol/mod.ts";

const WELCOME = encodeWelcome("Welcome to MIM");
/** Who is online, and the Add that says so. */
const online = new Map<Socket, Uint8Array>();

const server = createServer((socket) => {
  const login = new LoginDecoder();
  socket.setNoDelay(true);
  socket.write(WELCOME);
  socket.on("data", (bytes) => {
    try {
      for (const { name, port } of login.push(bytes)) enter(socket, name, port);
    } catch {
      socket.destroy();
    }
  });
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => leave(socket));
});

function enter(socket: Socket, name: string, port: number): void {
  const add = encodeAdd({ name, address: plainAddress(socket.remoteAddress ?? ""), port });
  for (const client of online.keys()) client.write(add);
  online.set(socket, add);
  for (const entry of online.values()) socket.write(entry);
}

function leave(socket: Socket): void {
  const add = online.get(socket);
  if (add === undefined) return;
  online.delete(socket);
  const gone = deleteOfAdd(add);
  for (const client of online.keys()) client.write(gone);
}

server.listen({ host: "127.0.0.1", port: 0 }, () => {
  const at = server.address();
  if (at !== null && typeof at === "object") console.log(`listening on ${at.address}:${at.port}`);
});
