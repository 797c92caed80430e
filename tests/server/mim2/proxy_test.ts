/** What someone who stands between a client and a server can make of a login: nothing. */

import { assert, assertEquals } from "@std/assert";
import { LinkServer } from "../../../protocol/mod.ts";
import { MimServer } from "../../../server/mod.ts";
import { ServerIdentity } from "../../../server/identity/mod.ts";
import { Greeting } from "../../../server/session/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";

const ADA = testKey(1);

function listen(folder: TempFolder): MimServer {
  return MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path, welcome: "Hello" });
}

/** A server of somebody's own: resolves to the login that its one client sends. */
async function loginAtEvil(folder: TempFolder, listener: Deno.TcpListener) {
  using identity = new ServerIdentity(folder.path, 90);
  const { bytes, link } = new Greeting("Hello", {
    lines: identity.welcomeLines,
    staticKey: identity.staticKey,
  });
  assert(link !== undefined);
  using connection = await listener.accept();
  await connection.write(bytes);
  const server = new LinkServer({ ...link, ephemeralKey: testKey(7) });
  const buffer = new Uint8Array(4_096);
  let isOpen = false;
  for (let length; (length = await connection.read(buffer)) !== null;) {
    const chunk = buffer.subarray(isOpen ? 0 : 6, length); // the preamble
    isOpen = true;
    for (const message of server.push(chunk)) {
      if (message.type === "secured") await connection.write(message.reply);
      if (message.type === "login") return message.login;
    }
  }
  throw new Error("expected a login, got the end");
}

Deno.test("a server that hands a login on to another one is not let in there as its user", async () => {
  using folders = new DisposableStack();
  const [evil, honest] = [folders.use(new TempFolder()), folders.use(new TempFolder())];
  await using server = listen(honest);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const caught = loginAtEvil(evil, listener);
  using ada = await Mim2Client.connect(listener.addr.port, { key: ADA });
  await ada.logIn(await ada.loginOf("ada", { port: 4_000 }));
  const login = await caught;
  using relay = await Mim2Client.connect(server.port);
  await relay.secured;
  await relay.logIn(login);
  await relay.ended;
  assertEquals([relay.refusal?.code, server.userCount], [8, 0]);
  await ada.ended;
});

/** Carries bytes both ways, and may change those of the server. */
async function* proxy(port: number, change: (bytes: Uint8Array, count: number) => Uint8Array) {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  yield listener.addr.port;
  using client = await listener.accept();
  using server = await Deno.connect({ hostname: "127.0.0.1", port });
  const pipe = async (
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    change: (bytes: Uint8Array, count: number) => Uint8Array,
  ) => {
    const buffer = new Uint8Array(65_536);
    let count = 0;
    for (let length; (length = await from.read(buffer).catch(() => null)) !== null;) {
      const bytes = change(buffer.slice(0, length), count);
      count += length;
      for (let at = 0; at < bytes.length;) {
        at += await to.write(bytes.subarray(at)).catch(() => 1e9);
      }
    }
    await to.closeWrite().catch(() => {});
  };
  await Promise.all([pipe(client, server, (bytes) => bytes), pipe(server, client, change)]);
}

Deno.test("a proxy can change no byte of what a server says, nor of its welcome", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using other = await Mim2Client.login(server.port, "bob");
  await other.until(() => other.entry("bob").reachability !== "unknown", "the probe");
  let total = 0;
  const login = async (change: (bytes: Uint8Array, count: number) => Uint8Array) => {
    const way = proxy(server.port, change);
    const port = (await way.next()).value ?? 0;
    const end = way.next();
    using ada = await Mim2Client.connect(port, { key: ADA });
    const isIn = await ada.loginOf("ada")
      .then((login) => ada.logIn(login))
      .then(() => ada.until(() => ada.all("complete").length > 0 || ada.hasEnded, "an end"))
      .then(() => ada.all("complete").length > 0, () => false);
    ada.close();
    await end;
    return isIn && ada.failure === undefined;
  };
  assert(
    await login((bytes, count) => {
      total = Math.max(total, count + bytes.length);
      return bytes;
    }),
  );
  for (let at = 0; at < total - 40; at += 23) {
    const flip = (bytes: Uint8Array, count: number) =>
      at >= count && at < count + bytes.length
        ? bytes.with(at - count, (bytes[at - count] ?? 0) ^ 1)
        : bytes;
    assertEquals(await login(flip), false, `byte ${at} of ${total}`);
  }
  await other.until(() => other.entries("ada").length === 0, "ada to be gone");
});
