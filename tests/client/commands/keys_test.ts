/** The commands of people with keys: who is who, what waits, who is there. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { byeReasons, keyTag, safetyNumber } from "../../../protocol/mod.ts";
import { Identity, MemoryStore, type Store } from "../../../client/core/mod.ts";
import { TextLines } from "../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../client/terminal/render/view.ts";
import { Mim2Peer } from "../../helpers/peers.ts";
import { TestUser } from "../../helpers/test_user.ts";
import { type Place, TestEnvironment } from "../../helpers/test_environment.ts";
import { Screen } from "../app/screen.ts";

/** Two people with keys at a MIM/2 server, in memory. */
class People implements AsyncDisposable {
  readonly #closing = new AsyncDisposableStack();
  readonly #env = this.#closing.use(TestEnvironment.fake());
  readonly #at: Place;

  constructor() {
    const data = Deno.makeTempDirSync();
    this.#closing.defer(() => Deno.remove(data, { recursive: true }));
    this.#at = this.#env.serve({ data }).at;
  }

  /** Somebody with a key, logged in. */
  async online(
    name: string,
    key: number | undefined,
    store: Store = new MemoryStore(),
  ): Promise<TestUser> {
    const { address, network } = this.#env.machine();
    const identity = key === undefined ? undefined : new Uint8Array(32).fill(key);
    const listen = { hostname: address };
    const user = this.#closing.use(
      new TestUser({
        name,
        server: this.#at,
        listen,
        network,
        ...identity !== undefined && { identity: Identity.fromBytes(identity), store },
      }),
    );
    await user.login();
    return user;
  }

  /** Somebody with a key who is in no table, and has called. */
  async stranger(name: string, key: number, callee: TestUser): Promise<Mim2Peer> {
    const { address: hostname, port } = [...callee.users].find(({ own }) => own) ??
      { address: "", port: 0 };
    const wire = await this.#env.dial({ hostname, port });
    return await Mim2Peer.call(wire, { name, key: new Uint8Array(32).fill(key) });
  }

  /** Somebody without a key, logged in. */
  async classic(name: string): Promise<TestUser> {
    const user = this.#closing.use(this.#env.user(name, this.#at));
    await user.login();
    return user;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }
}

/** Ada, who types, and Bob. */
async function people(test: (ada: Screen, bob: TestUser, town: People) => Promise<void>) {
  await using town = new People();
  const ada = await town.online("ada", 1);
  const screen = new Screen(ada);
  const bob = await town.online("bob", 2);
  await ada.saw("online", { name: "bob" });
  screen.clear();
  await test(screen, bob, town);
}

Deno.test("/whoami: the name, the key's tag, and the own half of safety numbers", () =>
  people(async (ada) => {
    await ada.type("/whoami");
    const [who, whole, half] = ada.told();
    const tag = keyTag(ada.context.messenger.publicKey ?? new Uint8Array());
    assertEquals(who, `note: You are ada; the tag of your key is ${tag}`);
    assertEquals(
      whole,
      `note: Your whole key, by which scripts can name you: ${ada.context.messenger.publicKey}`,
    );
    assertMatch(half ?? "", /^note: Your half of every safety number: \d{5}( \d{5}){5}$/);
  }));

Deno.test("/verify: the same number on both sides, and once it was compared it is said so", () =>
  people(async (ada, bob) => {
    await ada.type("/verify bob yes");
    assertEquals(ada.told(), ["error: Compare the safety number of bob first"]);
    await ada.type("/verify bob");
    const [, first = "", second = ""] = ada.told();
    assertEquals(
      bob.trust.safetyNumber("ada"),
      `${first.replace("note:", "").trim()} ${second.replace("note:", "").trim()}`,
    );
    await ada.type("/verify bob yes", "/who bob");
    const row = ada.all.find(({ event }) => event === "user");
    assertEquals(row?.flags, ["verified"]);
    assertEquals(
      ada.told().at(-1),
      "note: bob is verified by the key that you have compared; any other key is refused",
    );
  }));

Deno.test("/verify: whoever calls and is in no table waits, and is compared before a word is written", () =>
  people(async (ada, _bob, town) => {
    const user = ada.context.messenger as TestUser;
    const zoe = await town.stranger("zoe", 7, user);
    await ada.saw("incoming-call", {
      text:
        /^zoe \([\d.]+\) wants to talk to you, but nothing confirms that it is who the name says: you don't know this key, and the server does not certify the name for it: \/accept zoe, or \/refuse zoe$/,
    });
    ada.clear();
    await ada.type("/accept zoe");
    const { chat } = await user.saw("chat-opened", { name: "zoe" });
    assertEquals(chat.security, "unconfirmed");
    await ada.type("/trust zoe");
    assertEquals(ada.told().at(-1), "error: Compare the safety number of zoe first");
    await ada.type("/verify ZOE", "/verify zoe yes");
    const [, first = "", second = "", ...more] = ada.told().map((line) => line.slice(5).trim());
    const identity = chat.identity ?? new Uint8Array();
    const own = user.publicKey ?? new Uint8Array();
    assertEquals(`${first} ${second}`, safetyNumber({ key: own }, { key: identity }));
    assertEquals(
      more.at(-1),
      "zoe is verified by the key that you have compared; any other key is refused",
    );
    assertEquals([chat.security, chat.state === "open"], ["verified", true]);
    assertEquals(
      user.trust.contacts.map(({ name, identity, verified }) => [name, identity.toHex(), verified]),
      [["zoe", identity.toHex(), true]],
    );
    // Another key under that name does not get in any more.
    const other = await town.stranger("zoe", 8, user);
    await user.saw("error", { text: /with another key than zoe had before/ });
    other.wire.close();
    await zoe.text("it is me", 1);
    await user.saw("message", { text: "it is me" });
    assertEquals(user.chats.all.length, 1);
    zoe.wire.close();
  }));

Deno.test("/verify: of two who have called under one name, neither is taken for the other", () =>
  people(async (ada, _bob, town) => {
    const user = ada.context.messenger as TestUser;
    for (const key of [7, 8]) {
      await town.stranger("zoe", key, user);
      await (await user.saw("incoming-call")).caller.accept();
      await user.saw("chat-opened", { name: "zoe" });
    }
    ada.clear();
    await ada.type("/verify zoe", "/verify zoe yes");
    assertEquals(ada.told(), [
      "error: More than one key is in use as zoe; ask which is right",
      "error: Compare the safety number of zoe first",
    ]);
    // The table's word, and the user's own, are worth more than a call.
    await town.online("zoe", 9);
    await user.saw("online", { name: "zoe" });
    await ada.type("/verify zoe", "/verify zoe yes");
    assertEquals(user.chats.all.map(({ security }) => security), ["changed", "changed"]);
  }));

for (const decision of ["/trust", "/verify"] as const) {
  Deno.test(`${decision}: a key taken in the place of another is not said to be the same as before`, async () => {
    await using town = new People();
    const store = new MemoryStore();
    const bob = await town.online("bob", 2);
    const before = { name: "bob", identity: new Uint8Array(32).fill(9), verified: true, since: 1 };
    await store.keepPin({ server: bob.serverId ?? "", ...before });
    const ada = await town.online("ada", 1, store);
    await ada.saw("online", { name: "bob" });
    const screen = new Screen(ada);
    await screen.type(
      ...decision === "/trust" ? ["/trust bob"] : ["/verify bob", "/verify bob yes"],
    );
    assertEquals(
      screen.told().at(-1),
      decision === "/trust"
        ? "note: The current key of bob is trusted; /talk bob calls"
        : "note: bob is verified by the key that you have compared, which replaces the one " +
          "before; any other key is refused",
    );
    await screen.type("/talk bob");
    const { chat } = await ada.saw("chat-opened");
    const [, words] = new TextLines().of({ type: "chat-opened", chat }, new Date(), NO_CHATS);
    const sure = { "/trust": ", with the key that you know bob by", "/verify": " and verified" };
    assertEquals(words, `  encrypted${sure[decision]}`);
  });
}

Deno.test("/trust: nothing to decide is said so", () =>
  people(async (ada, _bob, town) => {
    await town.classic("carol");
    await (ada.context.messenger as TestUser).saw("online", { name: "carol" });
    await ada.type("/trust", "/trust eve", "/trust bob", "/trust carol");
    const [server = "", ...people] = ada.told();
    assertMatch(server, /^error: No server has changed/);
    assertEquals(people, [
      "error: No key of eve is known: only MIM/2 clients have one",
      "error: Compare the safety number of bob first",
      "error: No key of carol is known: only MIM/2 clients have one",
    ]);
  }));

Deno.test("/outbox and /cancel: what is said to somebody known who is not there waits", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    await ada.saw("delivered", { text: "hello" });
    await bob.quit();
    await ada.saw("offline", { name: "bob" });
    ada.clear();
    await ada.type("one", "/close", "/msg BOB two\nlines");
    await ada.saw("queued", { text: "two\nlines" });
    ada.told();
    await ada.type("/cancel 1", "/outbox");
    const [early, one = "", two = ""] = ada.told();
    assertEquals(early, 'error: Expected a number from the last /outbox, got "1"');
    assertMatch(one, /^note: 1 {2}\d\d:\d\d to bob: one$/);
    assertMatch(two, /^note: 2 {2}\d\d:\d\d to bob: two lines$/);
    await ada.type("/cancel 1");
    const again = await town.online("bob", 2);
    const { message } = await again.saw("message");
    assertEquals(message.text, "two\nlines");
    await ada.saw("delivered", { text: "two\nlines" });
    await ada.type("/outbox");
    assertEquals(
      ada.told().at(-1),
      "note: The outbox is empty: everything that you wrote was delivered",
    );
  }));

Deno.test("/msg and /talk: whoever called once and is offline gets what is said later, and /talk says so", () =>
  people(async (ada, bob, town) => {
    const { messenger } = ada.context;
    const fay = await town.online("fay", 3);
    await (await fay.call("ada")).send("hi");
    await ada.saw("message", { text: "hi" });
    await ada.type("/talk bob");
    await bob.saw("chat-opened", { by: "them" });
    await fay.quit();
    await ada.saw("chat-closed", { name: "fay" });
    await ada.saw("offline", { name: "fay" });
    ada.clear();
    await ada.type("/msg FAY one");
    await ada.saw("queued", { text: "one" });
    await ada.type("for bob");
    await bob.saw("message", { text: "for bob" });
    await ada.type("/talk fay", "two");
    await ada.saw("queued", { text: "two" });
    assertEquals(ada.told(), [
      "note: Now talking to fay",
      "note: Messages to fay wait in the outbox and are sent automatically",
    ]);
    assertEquals(messenger.chats.all.map(({ name }) => name).toSorted(), ["bob", "fay"]);
    await ada.type("/people fay");
    const row = ada.all.find(({ event }) => event === "person");
    assertEquals([row?.name, row?.state, row?.waiting], ["fay", "offline", 2]);
    const again = await town.online("fay", 3);
    for (const text of ["one", "two"]) await again.saw("message", { text });
  }));

Deno.test("/talk: one that fails leaves no chat with a key current, which could take the next line", () =>
  people(async (ada, bob, town) => {
    const fay = await town.online("fay", 3);
    const chat = await fay.call("ada");
    await ada.saw("chat-opened", { name: "fay" });
    await ada.type("/talk bob");
    await bob.saw("chat-opened", { by: "them" });
    await chat.close();
    await ada.saw("chat-closed", { name: "fay" });
    await fay.quit();
    await ada.saw("offline", { name: "fay" });
    ada.clear();
    await ada.type("/talk fay");
    const again = await town.online("fay", 3);
    await ada.saw("online", { name: "fay" });
    await ada.type("for bob");
    const told = ada.told();
    assertEquals(told[0], "error: fay is not online; /who shows who is");
    assertMatch(told.at(-1) ?? "", /^note: Not sent: fay could not be reached; /);
    assertEquals(again.events.all.filter(({ event }) => event === "message"), []);
  }));

Deno.test("a stranger's call takes no place of somebody for whom lines wait", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    await bob.quit();
    await ada.saw("offline", { name: "bob" });
    const zoe = await town.online("zoe", 3);
    await zoe.call("ada");
    await ada.saw("chat-opened", { name: "zoe" });
    await ada.type("for bob alone");
    await ada.saw("queued", { text: "for bob alone" });
    assertEquals(zoe.events.unread.filter(({ event }) => event === "message"), []);
  }));

Deno.test("two programs of one user: when one goes, lines go to the other", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob");
    await bob.saw("chat-opened", { by: "them" });
    const second = await town.online("bob", 2);
    await second.call("ada");
    await ada.saw("chat-opened", { by: "them" });
    await bob.quit();
    await ada.saw("chat-closed", { name: "bob" });
    await ada.type("who is left?");
    await second.saw("message", { text: "who is left?" });
  }));

Deno.test("a name that comes back with another key is told of, and compared as a stranger", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    await bob.quit();
    await ada.saw("offline", { name: "bob" });
    await town.classic("bob");
    await ada.saw("error", {
      text:
        "bob is online with a different key than before, or with none: nothing is sent there until " +
        "you decide; /talk bob tells you what to do",
    });
    await ada.type("/who bob");
    const row = ada.all.findLast(({ event }) => event === "user");
    assertEquals(row?.flags, ["changed", "not-owner"]);
    ada.clear();
    await ada.type("/verify bob");
    assertMatch(ada.told()[0] ?? "", /^note: bob has a different key than before, or none: /);
  }));

Deno.test("a look-alike of somebody known: said in /who, at the door, and as a chat opens", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    const eve = await town.classic("b0b");
    await ada.saw("online", { name: "b0b" });
    ada.clear();
    await ada.type("/who b");
    const flags = ada.all.filter(({ event }) => event === "user").map(({ flags }) => flags);
    assertEquals(flags, [["classic", "look-alike"], ["new"]]);
    await eve.call("ada");
    await ada.saw("incoming-call");
    ada.clear();
    await ada.type("/accept b0b");
    assertEquals(
      ada.told()[0],
      "note: Careful: b0b only looks like bob, whom you know, and has no key",
    );
  }));

Deno.test("look-alikes that hang up are told of as such, and told apart where they are several", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    const user = ada.context.messenger as TestUser;
    const keyed = await town.stranger("b0b", 7, user);
    await keyed.text("hello", 1);
    await keyed.say({ type: "bye", reason: byeReasons.closed });
    const gone = await ada.saw("incoming-call", {
      text:
        /^b0b \([\d.]+\) has hung up and left 1 line, but it only looks like bob, whom you know, and has another key: \/accept b0b shows it, \/refuse b0b discards it$/,
    });
    const identity = gone.caller.identity ?? new Uint8Array();
    const where = `${gone.caller.address}:${gone.caller.port}`;
    const classic = await town.classic("b0b");
    await classic.call("ada");
    const { caller } = await user.saw("incoming-call", { text: /has no key/ });
    ada.clear();
    await ada.type("/accept b0b", "/strangers");
    const both = `b0b@${where} (key ${keyTag(identity)}, has hung up), ` +
      `b0b@${caller.address}:${caller.port} (classic)`;
    assertEquals(ada.told(), [
      `error: b0b could mean ${both}; say which one`,
      `note: Calls from people you don't know open a chat, or wait for you if nothing confirms their name (allow); waiting: ${both}`,
    ]);
    await ada.type(`/accept b0b@${where}`);
    await user.saw("message", { text: "hello" });
  }));

Deno.test("/talk and /msg: a pinned name is its owner, whoever has the name beside", () =>
  people(async (ada, bob, town) => {
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    const namesake = await town.classic("bob");
    const { user } = await ada.saw("online", { name: "bob" });
    await ada.type(`/talk bob@${user.address}:${user.port}`, "/trust bob", "/verify bob");
    const [another, refused, trusted, ...number] = ada.told();
    assertEquals([another, refused, trusted, number.length], [
      "note: Another bob is online, without the key that you know; /talk bob calls the one that you know",
      "error: This bob has no key, and is not called: bob with the key that you know is online, too; " +
      "/talk bob calls that one",
      "error: bob has no other key than the one that is trusted already; /verify bob compares that one",
      4,
    ]);
    await ada.type("/close bob");
    ada.clear();
    await ada.type("/talk bob", "to you alone");
    await bob.saw("message", { text: "to you alone" });
    assertEquals([ada.context.activeChat.current?.security, ada.told()], ["pinned", []]);
    await ada.type("/close", "/msg bob and this");
    await bob.saw("message", { text: "and this" });
    await bob.quit();
    await ada.saw("offline", { name: "bob" });
    ada.told();
    // Nobody else is talked to under that name, nor does anything wait for somebody else.
    await ada.type("/talk bob", "to whom?");
    assertMatch(ada.told().join(), /bob had a key before and has none now/);
    assertEquals(namesake.events.all.filter(({ event }) => event === "chat-opened"), []);
  }));

Deno.test("/away, /busy, /status and /back are told to others", () =>
  people(async (ada, bob) => {
    const flags = async () => (await bob.saw("presence", { name: "ada" })).user.details;
    await ada.type("/away back at two");
    const away = await flags();
    assertEquals([away?.availability, away?.status], ["away", "back at two"]);
    bob.events.clear();
    await ada.type("/back");
    const back = await flags();
    assertEquals([back?.availability, back?.status], ["online", ""]);
    assertEquals(ada.told(), ["note: You are away: back at two", "note: You are available"]);
    bob.events.clear();
    await ada.type("/busy", "/status in the office");
    await bob.saw("presence", { name: "ada" });
    assertEquals(ada.told(), ["note: You are busy", "note: You are busy: in the office"]);
  }));

Deno.test("what /status says stays beside the name through /away, /busy and /back", () =>
  people(async (ada) => {
    await ada.type("/status in the office", "/busy", "/away back at two", "/back", "/busy");
    await ada.type("/status", "/back");
    assertEquals(ada.told(), [
      "note: You are available: in the office",
      "note: You are busy: in the office",
      "note: You are away: back at two",
      "note: You are available: in the office",
      "note: You are busy: in the office",
      "note: You are busy",
      "note: You are available",
    ]);
  }));

Deno.test("/who: whose key is new and whose is known; a chat says so as it opens", () =>
  people(async (ada, bob) => {
    await ada.type("/who bob");
    assertEquals(ada.all.find(({ event }) => event === "user")?.flags, ["new"]);
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    assertEquals(ada.context.activeChat.current?.security, "new");
    await ada.type("/close", "/talk bob");
    assertEquals(ada.context.activeChat.current?.security, "pinned");
  }));

Deno.test("/verify, /trust and /msg: a name with spaces is never taken for its first word", async () => {
  await using town = new People();
  const ada = await town.online("ada", 1);
  const screen = new Screen(ada);
  const max = await town.online("Max", 2);
  const longer = await town.online("Max Mustermann", 3);
  const odd = await town.online("Max yes", 4);
  for (const { name } of [max, longer, odd]) await ada.saw("online", { name });
  const numberOf = async (line: string) => {
    screen.clear();
    await screen.type(line);
    const [, first = "", second = "", hint = ""] = screen.told();
    return { number: `${first.slice(5).trim()} ${second.slice(5).trim()}`, hint };
  };
  for (const who of ["Max Mustermann", "max mustermann", '"Max Mustermann"']) {
    const { number, hint } = await numberOf(`/verify ${who}`);
    assertEquals(number, longer.trust.safetyNumber("ada"), who);
    assertStringIncludes(hint, '/verify "Max Mustermann" yes');
  }
  assertEquals((await numberOf("/verify Max")).number, max.trust.safetyNumber("ada"));
  await screen.type("/verify Max yes");
  assertEquals(screen.told(), ['error: "Max yes" or "Max"? Quotes say which one you mean']);
  await screen.type("/verify Max Mustermann yes", '/verify "Max" yes', "/trust Max Mustermann");
  assertEquals(screen.told(), [
    "note: Max Mustermann is verified by the key that you have compared; any other key is refused",
    "note: Max is verified by the key that you have compared; any other key is refused",
    "error: Max Mustermann has no other key than the one that is trusted already; " +
    '/verify "Max Mustermann" compares that one',
  ]);
  await screen.type("/msg Max Mustermann to you alone");
  assertEquals(screen.told(), [
    'error: "Max" or "Max Mustermann"? Quotes say which one you mean',
  ]);
  await screen.type('/msg "Max" Mustermann is here', '/msg "Max Mustermann" hello');
  await max.saw("message", { text: "Mustermann is here" });
  await longer.saw("message", { text: "hello" });
});

Deno.test("/msg, /verify: a name means whoever had it, also once they have left", async () => {
  await using town = new People();
  const ada = await town.online("ada", 1);
  const screen = new Screen(ada);
  const max = await town.online("Max", 2);
  const left = [
    await town.online("Max Power", 3),
    await town.online("Max yes", 4),
    await town.online("mAX", undefined),
    await town.online("1", 6),
  ];
  for (const { name } of [max, ...left]) await ada.saw("online", { name });
  for (const one of left) {
    await one.quit();
    await ada.saw("offline", { name: one.name });
  }
  screen.clear();
  const question = 'error: "Max" or "Max Power"? Quotes say which one you mean';
  await screen.type("/msg Max Power the password is 1234", "/msg max power the password is 1234");
  assertEquals(screen.told(), [question, question.replace('"Max"', '"max"')]);
  await screen.type("/verify Max yes");
  assertEquals(screen.told(), ['error: "Max yes" or "Max"? Quotes say which one you mean']);
  await screen.type("/msg mAX the password is 1234", "/talk mAX");
  for (const text of screen.told()) {
    if (text.startsWith("error")) {
      assertMatch(text, /^error: mAX is not online; Max@\S+ may be someone else/);
    }
  }
  assertEquals(ada.chats.all, []);
  await screen.type("/who");
  screen.clear();
  await screen.type("/msg 1 the password is 1234");
  assertMatch(
    screen.told()[0] ?? "",
    /^error: 1 could be the name "1", or number 1 of the last \/who/,
  );
  assertEquals(ada.chats.all, []);
  ada.calls.ignore({ name: "Max Mustermann" });
  await screen.type("/msg Max Mustermann the password is 1234");
  assertEquals(screen.told(), [question.replace("Power", "Mustermann")]);
  await screen.type('/msg "Max" Power is here');
  await max.saw("message", { text: "Power is here" });
});

Deno.test("/classic: a server that proves nothing is entered by the user's word alone", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ welcome: "An old place" });
  const ada = env.user("ada", at, undefined, { identity: Identity.generate() });
  const screen = new Screen(ada);
  await screen.type("/classic");
  assertEquals(screen.told(), [
    "error: No server waits to speak classic MIM: there is nothing to allow",
  ]);
  screen.clear();
  await screen.type("/login");
  const [error] = screen.told().filter((line) => line.startsWith("error"));
  assertMatch(error ?? "", /does not speak MIM\/2.*: \/classic does, and remembers it$/);
  assertEquals(ada.state, "offline");
  await screen.type("/classic");
  await ada.saw("welcome", { text: "An old place" });
  assertEquals(ada.state, "online");
});

Deno.test("/trust: whoever looks like somebody known is told apart, and takes nobody's place", () =>
  people(async (ada, bob, town) => {
    const user = ada.context.messenger as TestUser;
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    const before = user.trust.contacts.map(({ identity }) => identity.toHex());
    await bob.quit();
    await user.saw("offline", { name: "bob" });
    const eve = await town.online("bоb", 9); // its o is Cyrillic
    await user.saw("online", { name: "bоb" });
    ada.clear();
    await ada.type("/who");
    const row = ada.all.find(({ event, name }) => event === "user" && name === "bоb");
    assertEquals(row?.flags, ["changed", "look-alike"]);
    const number = user.users.size === 2 ? "2" : "bоb";
    ada.clear();
    await ada.type("/trust bob", "/trust bob", `/verify ${number}`, `/trust ${number}`);
    const refused =
      "error: bоb is not the bob that you know: the name only looks the same, in other letters, " +
      "and nothing confirms that this is bob";
    assertEquals(ada.told(), [
      "error: bob is not online",
      "error: bob is not online",
      refused,
      refused,
    ]);
    ada.clear();
    await ada.type(`/talk ${number}`, "a secret");
    assertStringIncludes(
      ada.told().join("\n"),
      "is not the bob that you know: the name only looks",
    );
    assertEquals(user.trust.contacts.map(({ identity }) => identity.toHex()), before);
    assertEquals(eve.chats.all, []);
  }));

Deno.test("/chats: says how sure it is who that is, and /trust what it has taken", () =>
  people(async (ada, bob, town) => {
    const user = ada.context.messenger as TestUser;
    await ada.type("/talk bob", "hello");
    await bob.saw("message", { text: "hello" });
    const zoe = await town.stranger("zoe", 7, user);
    await user.saw("incoming-call");
    await ada.type("/accept zoe");
    const { chat } = await user.saw("chat-opened", { name: "zoe" });
    ada.clear();
    await ada.type("/chats");
    const [known = "", unknown = ""] = ada.told();
    assertMatch(known, /chat with bob at [\d.:]+, new$/);
    assertStringIncludes(unknown, `, unconfirmed ${chat.identity?.tag}`);
    await ada.type("/verify zoe", "/trust zoe");
    assertEquals(ada.told().at(-1), "note: The current key of zoe is trusted; /talk zoe calls");
    zoe.wire.close();
  }));

Deno.test("/chats: where somebody is whose place is not known is not said", async () => {
  await using town = new People();
  const store = new MemoryStore();
  const ada = await town.online("ada", 1, store);
  const pin = { name: "bob", identity: new Uint8Array(32).fill(9), verified: true, since: 1 };
  await store.keepPin({ server: ada.serverId ?? "", ...pin });
  const dora = await town.online("dora", 4, store);
  const screen = new Screen(dora);
  await screen.type("/talk bob");
  screen.clear();
  await screen.type("/chats");
  assertMatch(screen.told().join("\n"), /^note: 1 {2}chat with bob, verified/);
});
