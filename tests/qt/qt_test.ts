/** Our server and our client against classic MIM on real Qt, each in a process of its own. */

import { assert, assertEquals } from "@std/assert";
import { OurClient, OurServer } from "./ours.ts";
import { type Fields, hasIpv6, QtProcess, qtTest, STREAM_VERSIONS } from "./qt.ts";

const HOST = "127.0.0.1";
const TITLE = "Grüße, €, 😀 and 漢字";
const ALICE = "älice😀";
const BOB = "qtböb漢😀";
/** Lines that a wrong encoding, a character cut in two, or tidying up would spoil. */
const LINES = [
  "plain",
  "ü é ß, 5 €",
  "😀 👩‍🚀",
  "漢字 かな 한글",
  " spaces  kept ",
  "a\ttab and a back\\slash",
  "😀漢".repeat(2000),
];

for (const version of STREAM_VERSIONS) {
  const client = (name: string) => QtProcess.client({ name, version });
  const test = (name: string, fn: () => Promise<void>) => {
    qtTest(`stream version ${version}: ${name}`, fn);
  };

  test("Qt reads the welcome and the whole table, and sees others come and go", async () => {
    await using server = await OurServer.start(TITLE);
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await client("qtbob");
    await using carol = await client("qtcarol");
    await using dave = await client("qtdave");
    await alice.event("logged-in", ALICE);

    await bob.do("connect", { host: HOST, port: server.port });
    await bob.event("welcome-end");
    const welcome = bob.unread.filter(({ event }) => event === "welcome");
    assert(welcome.some(({ text }) => `${text}`.includes(TITLE)), JSON.stringify(welcome));
    await bob.do("login", { name: BOB });
    const aliceRow = await bob.event("update", { type: "A", name: ALICE, address: HOST, left: 0 });
    await bob.event("update", update("A", BOB, bob));
    await alice.event("online", BOB, `${HOST}:${bob.port}`);

    await carol.logIn(server.port, "qtcarol");
    await carol.event("update", aliceRow);
    await carol.event("update", update("A", BOB, bob));
    await bob.event("update", update("A", "qtcarol", carol));
    await alice.event("online", "qtcarol", `${HOST}:${carol.port}`);

    await carol.do("logout");
    await carol.event("disconnected");
    await bob.event("update", update("D", "qtcarol", carol));
    await alice.event("offline", "qtcarol", `${HOST}:${carol.port}`);

    await dave.logIn(server.port, "qtdave");
    await bob.event("update", update("A", "qtdave", dave));
    await alice.event("online", "qtdave", `${HOST}:${dave.port}`);
    dave.kill();
    await bob.event("update", update("D", "qtdave", dave));
    await alice.event("offline", "qtdave", `${HOST}:${dave.port}`);

    assertEquals(await alice.quit(), 0);
    await bob.event("update", { ...aliceRow, type: "D" });
    assertEquals(bob.unread.filter(({ event }) => event === "update"), []);
    assertEquals(await server.stop(), 0);
    await bob.event("disconnected");
  });

  test("Qt calls our client, lines go both ways, and either side closes", async () => {
    await using server = await OurServer.start(TITLE);
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await client("qtbob");
    await alice.event("logged-in", ALICE);
    await bob.logIn(server.port, BOB);
    const { port } = await bob.event("update", { type: "A", name: ALICE });
    await alice.event("online", BOB);

    for (const peer of [0, 1]) {
      await bob.do("dial", { address: HOST, port: port ?? 0 });
      await alice.event("chat-opened", BOB, undefined, "them");
      await talk(alice, bob, peer);
      await (peer === 0 ? qtCloses : weClose)(alice, bob, peer);
    }
    alice.kill();
    await bob.event("update", { type: "D", name: ALICE, port: port ?? 0 });
  });

  test("our client calls Qt, lines go both ways, and either side closes", async () => {
    await using server = await OurServer.start(TITLE);
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await client("qtbob");
    await alice.event("logged-in", ALICE);
    await bob.logIn(server.port, BOB);
    await alice.event("online", BOB);

    for (const peer of [0, 1]) {
      await alice.type(`/talk ${BOB}`);
      await bob.event("called", { peer, name: ALICE });
      await alice.event("chat-opened", BOB, `${HOST}:${bob.port}`, "me");
      await talk(alice, bob, peer);
      await (peer === 0 ? qtCloses : weClose)(alice, bob, peer);
    }
  });

  test("lines and a name in Windows-1252 are read right", async () => {
    await using server = await OurServer.start(TITLE);
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await QtProcess.client({ name: "qtbob", version, codec: "windows-1252" });
    await alice.event("logged-in", ALICE);
    await bob.logIn(server.port, "Jürgen");
    const { port } = await bob.event("update", { type: "A", name: ALICE });
    await alice.event("online", "Jürgen");

    await bob.do("dial", { address: HOST, port: port ?? 0 });
    await alice.event("chat-opened", "Jürgen", undefined, "them");
    for (const text of ["Grüße für 5 €", "“smart” – quotes…", "plain", "é"]) {
      await bob.do("say", { peer: 0, text });
      await alice.event("message", "Jürgen", text);
    }
    await alice.type("/msg Jürgen Grüße für 5 €");
    await bob.event("line", { peer: 0, text: "Grüße für 5 €" });
  });

  test("names of every kind of character are told as they are", async () => {
    const names = ["Jürgen", "€uro", "漢字かな", "😀", "Ada 🧙‍♀️ L.", "Ω".repeat(64)];
    await using server = await OurServer.start(TITLE);
    await using alice = new OurClient(ALICE, server.port);
    await using qt = new AsyncDisposableStack();
    await alice.event("logged-in", ALICE);
    const users: QtProcess[] = [];
    for (const [i, name] of names.entries()) {
      const user = qt.use(await client(`qt${i}`));
      await user.logIn(server.port, name);
      users.push(user);
    }
    for (const [i, name] of names.entries()) {
      const user = users[i];
      assert(user !== undefined);
      for (const other of users) {
        if (other !== user) await other.event("update", update("A", name, user));
      }
      await alice.event("online", name, `${HOST}:${user.port}`);
      await alice.type(`/talk ${name}`);
      await user.event("called", { peer: 0, name: ALICE });
    }
  });

  test("users of one name are told apart, and a killed one is deleted alone", async () => {
    await using server = await OurServer.start(TITLE);
    await using alice = new OurClient(ALICE, server.port);
    await using first = await client("twin 1");
    await using second = await client("twin 2");
    await using third = await client("twin 3");
    await alice.event("logged-in", ALICE);
    for (const twin of [first, second, third]) {
      await twin.logIn(server.port, "twin");
      await alice.event("online", "twin", `${HOST}:${twin.port}`);
    }
    await first.event("update", update("A", "twin", second));
    await first.event("update", update("A", "twin", third));

    second.kill();
    for (const left of [first, third]) await left.event("update", update("D", "twin", second));
    await alice.event("offline", "twin", `${HOST}:${second.port}`);

    await alice.type(`/talk twin@${HOST}:${third.port}`);
    await third.event("called", { peer: 0, name: ALICE });
    await alice.type("which one are you?");
    await third.event("line", { peer: 0, text: "which one are you?" });
    await alice.type(`/talk twin@${HOST}:${first.port}`);
    await first.event("called", { peer: 0, name: ALICE });
    await alice.type("and you?");
    await first.event("line", { peer: 0, text: "and you?" });

    third.kill();
    await first.event("update", update("D", "twin", third));
    await alice.event("offline", "twin", `${HOST}:${third.port}`);
    await alice.event("chat-closed", "twin", undefined);
    assertEquals(first.unread.filter(({ type }) => type === "D"), []);
  });

  test("a name that is not allowed ends the connection, and nobody is told", async () => {
    await using server = await OurServer.start(TITLE);
    await using bob = await client("qtbob");
    await bob.logIn(server.port, BOB);
    await using other = await client("qtother");
    for (const name of [null, "", "  ", "a\nb", "\ud83d", "abc\u202e", "x".repeat(65)]) {
      await other.do("connect", { host: HOST, port: server.port });
      await other.event("welcome-end");
      await other.do("login", { name });
      await other.event("disconnected");
    }
    await other.logIn(server.port, "allowed");
    await bob.event("update", update("A", "allowed", other));
    assertEquals(bob.unread.filter(({ event }) => event === "update"), []);
  });

  test("Qt speaks with itself, so that the tests above and below are about us", async () => {
    await using server = await QtProcess.server({ name: "server", version });
    await using bob = await client("qtbob");
    await using carol = await client("qtcarol");
    await bob.logIn(server.port, BOB);
    await carol.logIn(server.port, "qtcarol");
    await carol.event("update", update("A", BOB, bob));
    await bob.event("update", update("A", "qtcarol", carol));
    await carol.do("dial", { address: HOST, port: bob.port });
    await carol.event("dialed", { peer: 0 });
    await bob.event("called", { peer: 0, name: "qtcarol" });
    for (const text of LINES) {
      await bob.do("say", { peer: 0, text });
      assertEquals((await carol.event("line", { peer: 0 }))["text"], text);
    }
    await carol.do("close", { peer: 0 });
    await bob.event("closed", { peer: 0 });
    carol.kill();
    await server.event("logout", { user: 1 });
    await bob.event("update", update("D", "qtcarol", carol));
  });

  test("our client speaks with a Qt server, in and out and in again", async () => {
    await using server = await QtProcess.server({ name: "server", version });
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await client("qtbob");
    await meet(server, alice, bob);

    const later = { name: "later", address: "2001:db8::1", port: 7, extra: "0102ff" };
    await server.do("update", { type: "A", ...later });
    await alice.event("online", "later", "[2001:db8::1]:7");
    await server.do("update", { type: "D", name: null, address: null, port: 0 });
    await server.do("update", { type: "D", ...later });
    await alice.event("offline", "later", "[2001:db8::1]:7");

    await alice.type("/logout");
    await server.event("logout", { user: 0 });
    await alice.event("logged-out");
    await bob.event("update", { type: "D", name: ALICE });
    await alice.type("/login");
    await server.event("login", { user: 2, name: ALICE });
    await alice.event("logged-in", ALICE);
    await alice.event("online", BOB);
    bob.kill();
    await server.event("logout", { user: 1 });
    await alice.event("offline", BOB);
    await server.do("drop", { user: 2 });
    await alice.event("disconnected");
    assertEquals(alice.unread.filter(([word]) => word === "error" || word === "offline"), []);
  });
}

// What follows is the same for all of them.
const version = 3;

qtTest("Qt may log in before it has read the welcome", async () => {
  await using server = await OurServer.start(TITLE);
  await using bob = await QtProcess.client({ name: "qtbob", version });
  await bob.do("connect", { host: HOST, port: server.port });
  await bob.do("login", { name: BOB });
  await bob.event("welcome-end");
  await bob.event("update", update("A", BOB, bob));
});

qtTest(
  "our client speaks with a Qt server whose welcome has no empty line at its end",
  async () => {
    await using server = await QtProcess.server({ name: "server", version, emptyLine: false });
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await QtProcess.client({ name: "qtbob", version });
    await meet(server, alice, bob);
  },
);

qtTest("our client understands a Qt server that writes IPv4 addresses as IPv6 ones", async () => {
  await using server = await QtProcess.server({ name: "server", version, hostname: "any" });
  await using alice = new OurClient(ALICE, server.port);
  await using bob = await QtProcess.client({ name: "qtbob", version });
  await server.event("login", { name: ALICE, address: `::ffff:${HOST}` });
  await alice.event("logged-in", ALICE);
  await bob.logIn(server.port, BOB);
  await server.event("login", { name: BOB, address: `::ffff:${HOST}` });
  await alice.event("online", BOB);
  await alice.type(`/talk ${BOB}`);
  await bob.event("called", { name: ALICE });
  await talk(alice, bob, 0);
}, !hasIpv6);

qtTest(
  "our server writes the IPv4 address of Qt as such where it listens on IPv6 as well",
  async () => {
    await using server = await OurServer.start(TITLE, "::");
    await using alice = new OurClient(ALICE, server.port);
    await using bob = await QtProcess.client({ name: "qtbob", version });
    await alice.event("logged-in", ALICE);
    await bob.logIn(server.port, BOB);
    await bob.event("update", { type: "A", name: ALICE, address: HOST });
    await alice.event("online", BOB, `${HOST}:${bob.port}`);
  },
  !hasIpv6,
);

qtTest("Qt and our client find each other over IPv6", async () => {
  const host = "::1";
  await using server = await OurServer.start(TITLE, host);
  await using alice = new OurClient(ALICE, server.port, host);
  await using bob = await QtProcess.client({ name: "qtbob", version, hostname: host });
  await alice.event("logged-in", ALICE);
  await bob.logIn(server.port, BOB, host);
  const { port } = await bob.event("update", { type: "A", name: ALICE, address: host });
  await alice.event("online", BOB, `[${host}]:${bob.port}`);
  await bob.do("dial", { address: host, port: port ?? 0 });
  await alice.event("chat-opened", BOB, undefined, "them");
  await bob.do("close", { peer: 0 });
  await alice.event("chat-closed", BOB, "them");
  await alice.type(`/talk ${BOB}`);
  await bob.event("called", { peer: 1, name: ALICE });
  await talk(alice, bob, 1);
}, !hasIpv6);

/** Both log in at a Qt server, and talk. */
async function meet(server: QtProcess, alice: OurClient, bob: QtProcess): Promise<void> {
  const [port] = await alice.event("listening");
  await alice.event("welcome", "Welcome to MIM on Qt");
  await alice.event("welcome", TITLE);
  await server.event("login", row(ALICE, { port: Number(port) }));
  await alice.event("logged-in", ALICE);

  await bob.do("connect", { host: HOST, port: server.port });
  await bob.event("welcome", { text: TITLE });
  await bob.do("login", { name: BOB });
  await server.event("login", row(BOB, bob));
  await alice.event("online", BOB, `${HOST}:${bob.port}`);
  await alice.type(`/talk ${BOB}`);
  await bob.event("called", { name: ALICE });
  await talk(alice, bob, 0);
}

/** Says every line both ways at once; they come in order, unspoilt. */
async function talk(alice: OurClient, bob: QtProcess, peer: number): Promise<void> {
  for (const text of LINES) {
    await bob.do("say", { peer, text });
    await alice.type(text);
  }
  for (const text of LINES) {
    const [, received, , tag, security] = await alice.event("message", BOB);
    assertEquals([received, tag, security], [text, "", "classic"]);
    assertEquals((await alice.event("sent", BOB))[1], text);
    assertEquals((await bob.event("line", { peer }))["text"], text);
  }
}

async function qtCloses(alice: OurClient, bob: QtProcess, peer: number): Promise<void> {
  await bob.do("say", { peer, text: "bye" });
  await bob.do("close", { peer });
  await alice.event("message", BOB, "bye");
  await alice.event("chat-closed", BOB, "them");
  await bob.event("closed", { peer });
}

async function weClose(alice: OurClient, bob: QtProcess, peer: number): Promise<void> {
  await alice.type("bye");
  await alice.type("/close");
  // What Qt still says meanwhile must not keep it from hearing the last line.
  for (let i = 0; i < 100; i++) await bob.do("say", { peer, text: "are you still there?" });
  await bob.event("line", { peer, text: "bye" });
  await bob.event("closed", { peer });
  await alice.event("chat-closed", BOB, "me");
}

/** A row of the table, with nothing behind the fields of classic MIM. */
function row(name: string, { port }: { readonly port: number }): Fields {
  return { name, address: HOST, port, left: 0 };
}

/** An update of this row. */
function update(type: "A" | "D", name: string, qt: QtProcess): Fields {
  return { type, ...row(name, qt) };
}
