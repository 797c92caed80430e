import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import {
  checkCertificate,
  encodeFrame,
  encodeLinkLogin,
  encodeLinkPreamble,
  encodeLogin,
  identityOf,
  isSignatureValid,
  keyTag,
  type LinkLogin,
  refusalCodes,
} from "../../../protocol/mod.ts";
import { MimServer, type ServerOptions } from "../../../server/mod.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { testKey } from "../../fixtures/keys.ts";
import { poll } from "../../helpers/wait.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { TempFolder } from "../../helpers/disk.ts";

const ADA = testKey(1);
const EVE = testKey(2);
/** A port where nobody listens. */
const PORT = 0xf001;

function listen(folder: TempFolder, options: ServerOptions = {}): MimServer {
  return MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path, ...options });
}

Deno.test("a MIM/2 login: accepted first, then the whole table, then its end", async () => {
  using folder = new TempFolder();
  await using server = listen(folder, { welcome: "Hello\nyou" });
  using bob = await RawClient.login(server.port, "bob", 4001);
  using ada = await Mim2Client.login(server.port, "ada", {
    key: ADA,
    port: 0,
    capabilities: 6,
    availability: "busy",
    status: "tea",
    addresses: ["192.0.2.7", "0.0.0.0", "fe80::1"],
  });
  assertEquals(ada.welcome, ["Hello", "you"]);
  const [accepted, ...rest] = ada.messages;
  assert(accepted?.type === "accepted");
  assertEquals([accepted.address, accepted.pingSeconds], ["127.0.0.1", 30]);
  const { session, signature } = accepted;
  const serverKey = (await ada.offered)?.announcement.serverKey ?? new Uint8Array(0);
  assertEquals(serverKey, server.publicKey);
  const handshakeHash = await ada.secured ?? new Uint8Array(0);
  assert(isSignatureValid({ type: "server", handshakeHash, session }, signature, serverKey));
  assert(Math.abs(Date.now() - accepted.serverTime) < 60_000);
  const end = rest.findIndex(({ type }) => type === "complete");
  assertEquals(rest.slice(0, end).map(({ type }) => type), ["add", "add"]);
  assert(rest[end]?.type === "complete" && rest[end].rows === 2);
  const own = ada.entry("ada");
  const { certificate, identity } = own;
  assertEquals(own, {
    name: "ada",
    address: "127.0.0.1",
    port: 0,
    session,
    capabilities: 6,
    identity: identityOf(ADA),
    certificate,
    availability: "busy",
    status: "tea",
    reachability: own.reachability,
    addresses: ["192.0.2.7", "fe80::1"],
  });
  assert(certificate !== undefined);
  const serverTime = accepted.serverTime;
  const context = { name: "ada", identity, serverKey, serverTime };
  assertEquals(checkCertificate(certificate, context), "fits");
  assertEquals(ada.entry("bob").identity, new Uint8Array(0));
  assertEquals(ada.entry("bob").certificate, undefined);
  assertNotEquals(ada.entry("bob").session, session);
  assertEquals(bob.entries.at(-1)?.entry, { name: "ada", address: "127.0.0.1", port: 0 });
});

Deno.test("the server's key stays, its static key is another one at each start", async () => {
  using folder = new TempFolder();
  const announced: (string | undefined)[][] = [];
  for (let start = 0; start < 2; start++) {
    await using server = listen(folder);
    for (let client = 0; client < 2; client++) {
      using ada = await Mim2Client.connect(server.port);
      const announcement = (await ada.offered)?.announcement;
      announced.push([announcement?.serverKey.toHex(), announcement?.staticKey.toHex()]);
    }
  }
  assertEquals(new Set(announced.map(([key]) => key)).size, 1);
  assertEquals(new Set(announced.map(([, staticKey]) => staticKey)).size, 2);
});

Deno.test("a server without a data folder announces nothing, and is as it was", async () => {
  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, welcome: "Hello" });
  assertEquals(server.publicKey, undefined);
  using ada = await RawClient.login(server.port, "ada");
  assertEquals(ada.welcome, ["Hello"]);
  // What a later version appends is skipped.
  using eve = await RawClient.connect(server.port);
  await eve.send(
    encodeFrame(new Uint8Array([...encodeLogin({ name: "eve", port: 1 }).slice(2), 2])),
  );
  await eve.until(() => eve.updates.includes("A eve"), "the own entry");
});

Deno.test("classic clients see MIM/2 users as classic ones, byte for byte", async () => {
  using folder = new TempFolder();
  const said: string[] = [];
  for (const data of [undefined, folder.path]) {
    await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data, welcome: "Hi" });
    using bob = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    let hex = "";
    const buffer = new Uint8Array(4096);
    const hear = async (end: string) => {
      while (!hex.endsWith(end)) {
        const length = await bob.read(buffer);
        if (length === null) throw new Error(`expected ${end}, got ${hex} and the end`);
        hex += buffer.subarray(0, length).toHex();
      }
    };
    await hear("0a0a");
    hex = "";
    await bob.write(encodeLogin({ name: "bob", port: 4001 }));
    await hear("0fa1");
    // "ada", once in each dialect, with all that MIM/2 has to say about her.
    const ada = data === undefined
      ? await RawClient.login(server.port, "ada", PORT)
      : await Mim2Client.login(server.port, "ada", { key: ADA, port: PORT, status: "tea" });
    await hear("f001");
    if (ada instanceof Mim2Client) {
      await ada.say({ type: "status", availability: "away", status: "lunch" });
      await ada.until(() => ada.entry("ada").status === "lunch", "the change");
      await ada.until(() => ada.entry("ada").reachability !== "unknown", "the probe");
    }
    ada.close();
    using late = await RawClient.login(server.port, "late", 2);
    await hear("0002");
    assertEquals(late.updates, ["A bob", "A late"]);
    said.push(hex);
  }
  assertEquals(said[1], said[0]);
});

/** Logins that are not taken: what is wrong with them, and the code. */
const REFUSED: readonly (readonly [string, (login: LinkLogin) => LinkLogin, number])[] = [
  ["another name than signed", (login) => ({ ...login, name: "eve" }), 8],
  ["another port than signed", (login) => ({ ...login, port: 7 }), 8],
  ["another key than signed with", (login) => ({ ...login, identity: identityOf(EVE) }), 8],
  ["a key that fits any signature", (login) => ({ ...login, identity: new Uint8Array(32) }), 8],
  ["no name", (login) => ({ ...login, name: " " }), 2],
  ["a control character in the name", (login) => ({ ...login, name: "a\x07" }), 2],
];

for (const [what, change, code] of REFUSED) {
  Deno.test(`a MIM/2 login with ${what} is refused with code ${code}`, async () => {
    using folder = new TempFolder();
    await using server = listen(folder);
    using client = await Mim2Client.connect(server.port, { key: ADA });
    await client.logIn(change(await client.loginOf("ada")));
    await client.ended;
    assertEquals(client.messages.map(({ type }) => type), ["refusal"]);
    assertEquals(client.refusal?.code, code, client.refusal?.text);
    assertEquals(server.userCount, 0);
  });
}

Deno.test("a MIM/2 login under a name with the tag of another key is refused, which says whose tag goes", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  const [own, other] = [ADA, EVE].map((key) => keyTag(identityOf(key)));
  using client = await Mim2Client.connect(server.port, { key: ADA });
  await client.logIn(await client.loginOf(`bob~${other}`));
  await client.ended;
  assertEquals(client.refusal?.code, refusalCodes["name not allowed"]);
  assertStringIncludes(client.refusal?.text ?? "", `its own key, ~${own}`);
  using ada = await Mim2Client.login(server.port, `bob~${own}`, { key: ADA });
  assertEquals([...ada.table.values()].map(({ name }) => name), [`bob~${own}`]);
});

const SIGNATURE = 64;

Deno.test("no bit of a login's signature may flip", async () => {
  using folder = new TempFolder();
  await using server = listen(folder, { maxRate: 0 });
  for (let bit = 0; bit < SIGNATURE * 8; bit += 7) {
    using client = await Mim2Client.connect(server.port, { key: ADA });
    const login = await client.loginOf("ada");
    const signature = login.signature.slice();
    signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ 1 << (bit & 7);
    await client.logIn({ ...login, signature });
    await client.ended;
    assertEquals(client.refusal?.code, 8, `bit ${bit}`);
  }
});

Deno.test("a login that was heard on one connection is none on another", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.connect(server.port, { key: ADA });
  const login = await ada.loginOf("ada");
  await ada.logIn(login);
  await ada.until(() => ada.all("complete").length > 0, "the table");
  using eve = await Mim2Client.connect(server.port);
  await eve.logIn(login);
  await eve.ended;
  assertEquals(eve.refusal?.code, 8);
  assertEquals(server.userCount, 1);
});

Deno.test("a MIM/2 login that is cut off anywhere is refused, and leaves no trace", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder, { maxRate: 0 });
  using whole = await Mim2Client.connect(server.port, { key: ADA });
  const body = encodeLinkLogin(await whole.loginOf("ada", { status: "tea", addresses: ["::1"] }));
  const end = body.length - 1; // a login that ends before the number of rotations has none
  for (let length = 0; length < end; length += 3) {
    using eve = await Mim2Client.connect(server.port);
    await eve.encrypted(body.subarray(0, length));
    await eve.ended;
    assertEquals(eve.refusal?.code, 1, `${length} bytes: ${eve.refusal?.text}`);
  }
  assertEquals(server.userCount, 0);
  assert(log.shown.every((line) => /^info server: closed .*: overrun: /.test(line)));
  assertEquals(log.shown.length, 1, "one line a minute");
});

Deno.test("a status that is too long, and too many addresses, are refused as malformed", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using client = await Mim2Client.connect(server.port, { key: ADA });
  const body = encodeLinkLogin(await client.loginOf("ada", { status: "x".repeat(256) }));
  const at = body.length - 1 - 4 - 4 - 2;
  await client.encrypted(body.with(at, 0x20)); // U+2078 has three bytes
  await client.ended;
  assertEquals(client.refusal?.code, 1);
  assertMatch(client.refusal?.text ?? "", /at most 256 bytes, got 258/);
});

Deno.test("over the limit of users a MIM/2 client is told so", async () => {
  using folder = new TempFolder();
  await using server = listen(folder, { maxUsers: 1 });
  using _ada = await Mim2Client.login(server.port, "ada");
  assertEquals(await Mim2Client.refused(server.port, "eve"), {
    code: 6,
    text: "1 users are online",
  });
});

Deno.test("a server that stops says so to MIM/2 clients", async () => {
  using folder = new TempFolder();
  const server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  await server.close();
  await ada.ended;
  assertEquals(ada.refusal, { code: 7, text: "the server is shutting down" });
  assertEquals(ada.updates.filter((update) => update.startsWith("D ")), []);
});

Deno.test("random bytes, as a login and behind one: all closed or skipped, nobody else notices", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  using heard = await Mim2Client.connect(server.port);
  const login = encodeLinkLogin(await heard.loginOf("eve"));
  heard.close();
  const changed = fc.tuple(fc.nat(login.length - 1), fc.nat(255))
    .map(([at, byte]) => login.with(at, byte));
  const body = fc.uint8Array({ maxLength: 24 });
  const block = body.map((body) => encodeFrame(body));
  const opening = fc.uint8Array({ maxLength: 60 })
    .map((bytes) => new Uint8Array([...encodeLinkPreamble(), ...bytes]));
  const letters = fc.constantFrom(..."UPpCX").map((letter) => letter.charCodeAt(0));
  const message = fc.tuple(letters, fc.uint8Array({ maxLength: 24 }))
    .map(([letter, fields]) => new Uint8Array([letter, ...fields]));
  const asTheyAre = fc.sample(fc.oneof(block, opening, body), 100);
  const asLogin = fc.sample(fc.oneof(changed, body), 300);
  const behind = fc.sample(fc.oneof(message, body), 300);
  const attack = async (bytes: Uint8Array, way: "plain" | "login" | "behind") => {
    using eve = way === "behind"
      ? await Mim2Client.login(server.port, "eve", { key: EVE })
      : await Mim2Client.connect(server.port, { opens: way === "login" });
    await eve.offered;
    const sent = way === "plain" ? eve.send(bytes) : eve.encrypted(bytes);
    await sent.catch(() => {});
    await eve.connection.closeWrite().catch(() => {});
    await eve.ended;
  };
  for (const [at, bytes] of asLogin.entries()) {
    const plain = asTheyAre[at % asTheyAre.length] ?? bytes;
    await Promise.all([
      attack(plain, "plain"),
      attack(bytes, "login"),
      attack(behind[at] ?? bytes, "behind"),
    ]);
  }
  await poll(() => server.connectionCount === 1, "all others to be gone");
  await ada.until(() => ada.table.size === 1, "their Deletes");
  assertEquals(ada.refusal, undefined);
  assert(log.shown.every((line) => /^info server: closed 127\.0\.0\.1:\d+/.test(line)));
});
