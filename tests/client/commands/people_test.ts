/** Everyone whose key is known, online or not: listed, named, noted, written to. */

import { assertEquals, assertMatch } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { identityOf } from "../../../protocol/mod.ts";
import { newIdentity, testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { poll } from "../../helpers/wait.ts";
import { Screen } from "../app/screen.ts";

const PEOPLE = ["person", "people"];

/** Ada, who has talked to bob; her data folder is `folder`. */
async function acquainted(env: TestEnvironment, folder: string) {
  const identity = newIdentity();
  const { at } = env.serve({ data: await Deno.makeTempDir() });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const bob = env.user("bob", at, undefined, { identity });
  const screen = new Screen(ada);
  const archive = new MessageArchive(await Profile.read(folder), () => {});
  await archive.open();
  screen.context.archive = archive;
  await ada.login();
  await bob.login();
  await ada.saw("online", { name: "bob" });
  await screen.type("/talk bob", "hello");
  await ada.saw("delivered", {});
  screen.clear();
  return { at, ada, bob, identity, screen, archive };
}

function shownOf(screen: Screen): string[] {
  const text = new TextLines();
  return screen.events.filter(({ type }) => PEOPLE.includes(type))
    .flatMap((event) => text.of(event, new Date(), NO_CHATS));
}

Deno.test("/people: who is offline stays there, with what waits, a name and a note", async () => {
  const folder = await Deno.makeTempDir();
  await using env = TestEnvironment.fake();
  const { ada, bob, screen, archive } = await acquainted(env, folder);
  await screen.type("/people");
  assertEquals(screen.all.filter(({ event }) => PEOPLE.includes(event)), [
    {
      event: "person",
      name: "bob",
      state: "online",
      flags: ["new"],
      alias: "",
      lastSeen: "",
      waiting: 0,
      now: "",
      note: "",
      keyTag: bob.publicKey?.tag ?? "",
    },
    { event: "people", count: 1 },
  ]);
  screen.clear();
  await screen.type("/alias bob Bobby", "/note bob owes me lunch", "/note bob");
  assertEquals(screen.told(), [
    'note: You call bob "Bobby" from now on',
    "note: Noted about bob",
    "note: bob: owes me lunch",
  ]);
  await screen.type(
    "/alias bob Bobby Tables",
    "/msg Bobby Tables are you there?",
    "/alias bob Bobby",
  );
  assertEquals(screen.told()[1], 'error: "Bobby" or "Bobby Tables"? Quotes say which one you mean');
  await bob.quit();
  await ada.saw("offline", { name: "bob" });
  await screen.type("/msg Bobby are you there?");
  await ada.saw("queued", { text: "are you there?" });
  await screen.type("/people");
  const row = screen.all.find(({ event }) => event === "person");
  assertEquals([row?.state, row?.alias, row?.waiting], ["offline", "Bobby", 1]);
  assertEquals(typeof row?.lastSeen, "number");
  await ada.quit();
  await archive.close();
  const later = new MessageArchive(await Profile.read(folder), () => {});
  await later.open();
  const facts = later.facts().find(({ thread }) => thread === "bob");
  assertEquals([facts?.alias, facts?.note], ["Bobby", "owes me lunch"]);
  await later.close();
});

Deno.test("/people: as lines for people", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen, archive } = await acquainted(env, await Deno.makeTempDir());
  await screen.type("/alias bob Bobby", "/note bob owes me\u202e lunch");
  await bob.quit();
  await ada.saw("offline", { name: "bob" });
  await screen.type("/people");
  const [row, count] = shownOf(screen);
  assertMatch(
    row ?? "",
    /^ {2}bob \("Bobby"\), offline, last seen \d{4}-\d\d-\d\d \d\d:\d\d: "owes me\ufffd lunch"$/,
  );
  assertEquals(count, "1 person known by a key");
  await ada.quit();
  await archive.close();
});

Deno.test("/people and /talk: they say who is away or busy, with the status", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob");
  const screen = new Screen(ada);
  const setStatus = (availability: "away" | "busy" | "online", status: string) =>
    ada.isTold((row) => row.name === "bob" ? { ...row, availability, status } : row);
  await setStatus("away", "at the dentist");
  await screen.type("/talk bob", "hello", "hello again");
  await bob.saw("message", { text: "hello again" });
  assertEquals(screen.told(), ['note: bob is away: "at the dentist"']);
  await screen.type("/people");
  const row = screen.all.find(({ event }) => event === "person");
  assertEquals([row?.state, row?.flags, row?.status], [
    "online",
    ["new", "away"],
    "at the dentist",
  ]);
  const text = /^ {2}bob, away, new(, \d messages? waits?)?, says "at the dentist"$/;
  assertMatch(shownOf(screen)[0] ?? "", text);
  await screen.type("/close bob");
  await setStatus("busy", "");
  screen.clear();
  await screen.type("/msg bob one", "/msg bob two");
  await bob.saw("message", { text: "two" });
  assertEquals(screen.told(), ["note: bob is busy"]);
  await screen.type("/close bob");
  await setStatus("online", "at work");
  screen.clear();
  await screen.type("/msg bob three");
  await bob.saw("message", { text: "three" });
  assertEquals(screen.told(), []);
});

Deno.test("/trust: who goes by another name keeps the name and the note of one's own", async () => {
  await using env = TestEnvironment.fake();
  const { ada, at, bob, identity, screen, archive } = await acquainted(
    env,
    await Deno.makeTempDir(),
  );
  await screen.type("/alias bob Bobby", "/note bob owes me lunch");
  await bob.quit();
  await ada.saw("offline", { name: "bob" });
  const rob = env.user("rob", at, undefined, { identity });
  await rob.login();
  await ada.saw("online", { name: "rob" });
  await screen.type("/trust rob", "/people");
  const row = screen.all.find(({ event }) => event === "person");
  assertEquals([row?.name, row?.alias, row?.note], ["rob", "Bobby", "owes me lunch"]);
  await rob.quit();
  await ada.saw("offline", { name: "rob" });
  screen.clear();
  await screen.type("/note bob");
  assertEquals(screen.told(), ["note: rob: owes me lunch"]);
  await ada.quit();
  await archive.close();
});

Deno.test("/alias: no name of another is taken, and nobody unknown gets one", async () => {
  await using env = TestEnvironment.fake();
  const { ada, at, screen, archive } = await acquainted(env, await Deno.makeTempDir());
  await env.online(at, "carol");
  await ada.saw("online", { name: "carol" });
  await screen.type("/alias bob carol", "/alias carol C", "/alias bob", "/alias", "/note eve x");
  assertEquals(screen.told(), [
    'error: Someone else is called "carol"; choose another name',
    'error: You know nobody called "carol" by a key; /people lists them',
    "note: bob has no other name",
    "error: Expected a user: /alias NAME ALIAS",
    'error: You know nobody called "eve" by a key; /people lists them',
  ]);
  await ada.quit();
  await archive.close();
});

Deno.test("/who and /chats: they show the name of one's own", async () => {
  await using env = TestEnvironment.fake();
  const { ada, screen, archive } = await acquainted(env, await Deno.makeTempDir());
  await screen.type("/alias bob Bobby", "/who bob", "/chats");
  const user = screen.events.find(({ type }) => type === "user");
  const text = new TextLines();
  const [row] = user === undefined ? [] : text.of(user, new Date(), NO_CHATS);
  assertMatch(row ?? "", /^ {3}1 {2}bob \(.+\), new, you call them "Bobby"$/);
  assertMatch(screen.told().at(-1) ?? "", /^note: 1 {2}chat with bob \("Bobby"\) at /);
  await ada.quit();
  await archive.close();
});

Deno.test("a contact under another name: one history, one chat, one row, then the new name", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen, archive } = await acquainted(env, await Deno.makeTempDir());
  archive.threadNames.messenger = ada;
  await screen.type("/alias bob Bobby");
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  await bob.login("rob");
  await ada.saw("online", { name: "rob" });
  screen.clear();
  await screen.type("/who rob", "/people", "/talk rob", "how are you?");
  await ada.saw("delivered", { text: "how are you?" });
  assertEquals(ada.chats.all.length, 1);
  const text = new TextLines();
  const [user] = screen.events.filter(({ type }) => type === "user")
    .flatMap((event) => text.of(event, new Date(), NO_CHATS));
  assertMatch(user ?? "", /rob .*you call them "Bobby", you know it as bob/);
  assertMatch(shownOf(screen)[0] ?? "", /^ {2}bob \("Bobby"\), online, .*now rob/);
  await poll(() => archive.last("bob", 9).length === 2, "one history");
  assertEquals(archive.last("rob", 9), []);
  await screen.type("/trust rob");
  assertEquals(archive.last("rob", 9).map(({ text }) => text), ["hello", "how are you?"]);
  assertEquals(archive.facts().find(({ thread }) => thread === "rob")?.alias, "Bobby");
  await ada.quit();
  await archive.close();
});

Deno.test("a contact under another name: the name that is known means the chat that is open", async () => {
  await using env = TestEnvironment.fake();
  const { ada, bob, screen, archive } = await acquainted(env, await Deno.makeTempDir());
  bob.logout();
  await ada.saw("offline", { name: "bob" });
  await screen.type("/close");
  await bob.login("rob");
  await ada.saw("online", { name: "rob" });
  await screen.type("/msg bob one");
  await bob.saw("message", { text: "one" });
  await screen.type("/talk rob", "/msg bob two");
  await bob.saw("message", { text: "two" });
  assertEquals(ada.chats.all.map(({ name }) => name), ["rob"]);
  await bob.quit();
  await ada.saw("offline", { name: "rob" });
  await screen.type("/msg bob three");
  await ada.saw("queued", { text: "three" });
  assertEquals(ada.chats.all.map(({ name }) => name), ["rob"]);
  await ada.quit();
  await archive.close();
});

Deno.test("/ignore: a contact who is offline is ignored by the key, too", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  await server.pin(ada, "cyd", testKey(9));
  ada.logout();
  await ada.login();
  const screen = new Screen(ada);
  await screen.type("/ignore Cyd", "/ignore eve");
  assertEquals(screen.told(), [
    "note: Ignoring cyd at every address; and cyd's key under every name",
    "note: Ignoring eve at every address; nobody with that name is there now; other names still get through",
  ]);
  const key = identityOf(testKey(9)).toHex();
  assertEquals(ada.calls.ignored.map((entry) => [entry.name, entry.key]), [
    ["cyd", key],
    ["eve", undefined],
  ]);
});
